import { InferenceSession, listSupportedBackends } from 'onnxruntime-node'

/** Where a graph runs. 'auto' takes CUDA where it works, else the CPU. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'auto'

/** What {@link DEVICES} lists, for checking an option. */
export const DEVICES: readonly Device[] = ['cpu', 'cuda', 'webgpu', 'auto']

/** A device that was found to work. */
export type UsedDevice = Exclude<Device, 'auto'>

/** A loaded graph and where it runs. */
export interface LoadedSession {
  readonly session: InferenceSession
  readonly device: UsedDevice
}

/**
 * Loads an ONNX model on a device. On the CPU `threads` bounds the threads of one run. A device that this machine's ONNX
 * Runtime does not offer, or that fails to start, is an error, except with 'auto', which falls back to the CPU.
 */
export async function openSession(model: Uint8Array, device: Device, threads: number): Promise<LoadedSession> {
  if (device === 'auto') return openAny(model, threads)
  checkOffered(device)
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Without patterns, memory of one micro-batch stays small; with more than basic rewriting, loading takes longer than
    // is won.
    enableMemPattern: false,
    graphOptimizationLevel: 'basic',
    logSeverityLevel: 3,
  }
  try {
    return { session: await InferenceSession.create(model, options), device }
  } catch (cause) {
    if (device === 'cpu') throw cause
    throw new Error(
      `patchtst: device=${device}: ONNX Runtime offers it but could not start it (${messageOf(cause)}). Install its libraries, or use device 'cpu'.`,
      { cause },
    )
  }
}

async function openAny(model: Uint8Array, threads: number): Promise<LoadedSession> {
  const offered = offeredDevices()
  if (offered.includes('cuda')) {
    try {
      return await openSession(model, 'cuda', threads)
    } catch {
      // Listed, but its libraries are not installed: that is what 'auto' is for.
    }
  }
  return openSession(model, 'cpu', threads)
}

function offeredDevices(): readonly string[] {
  return listSupportedBackends().map(({ name }) => name)
}

function checkOffered(device: UsedDevice): void {
  const offered = offeredDevices()
  if (offered.includes(device)) return
  throw new RangeError(
    `patchtst: device=${device}: this ONNX Runtime offers ${offered.join(', ')}. Use one of these, or 'auto'.`,
  )
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 300)
