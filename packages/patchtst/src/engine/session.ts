import { InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { neg } from './elementwise.ts'
import { Graph } from './graph.ts'
import { serialise } from './serialise.ts'

/** Where a graph runs. 'auto' takes CUDA where it works, else the CPU. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'auto'

/** What {@link DEVICES} lists, for checking an option. */
export const DEVICES: readonly Device[] = ['cpu', 'cuda', 'webgpu', 'auto']

/** A device that was found to work. */
export type UsedDevice = Exclude<Device, 'auto'>

/**
 * Loads an ONNX model on a device. On the CPU `threads` bounds the threads of one run. A device that fails to start is an
 * error.
 */
export async function openSession(model: Uint8Array, device: UsedDevice, threads: number): Promise<InferenceSession> {
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
    return await InferenceSession.create(model, options)
  } catch (cause) {
    if (device === 'cpu') throw cause
    throw new Error(
      `patchtst: device=${device}: ONNX Runtime offers it but could not start it (${messageOf(cause)}). Install its libraries, or use device 'cpu'.`,
      { cause },
    )
  }
}

/**
 * The device that is used where `device` is asked for. One that this machine's ONNX Runtime does not offer, or that does not
 * start, is an error; 'auto' gives CUDA where it starts, else the CPU.
 */
export async function findDevice(device: Device): Promise<UsedDevice> {
  if (device === 'cpu') return device
  if (device !== 'auto') {
    checkOffered(device)
    await tryDevice(device)
    return device
  }
  if (!offeredDevices().includes('cuda')) return 'cpu'
  try {
    await tryDevice('cuda')
    return 'cuda'
  } catch {
    // Listed, but its libraries are not installed: that is what 'auto' is for.
    return 'cpu'
  }
}

async function tryDevice(device: UsedDevice): Promise<void> {
  const graph = new Graph()
  graph.output('y', neg(graph.input('x', [1])))
  const session = await openSession(serialise(graph), device, 1)
  await session.release()
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
