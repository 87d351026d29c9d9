/** Where a graph runs. 'auto' takes CUDA where it works, else the CPU. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'auto'

/** What {@link DEVICES} lists, for checking an option. */
export const DEVICES: readonly Device[] = ['cpu', 'cuda', 'webgpu', 'auto']

/** A device that was found to work. */
export type UsedDevice = Exclude<Device, 'auto'>
