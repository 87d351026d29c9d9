import type { InferenceSession } from 'onnxruntime-node'
import type { Device, UsedDevice } from './device.ts'
import { neg } from './elementwise.ts'
import { Graph } from './graph.ts'
import { loadRuntime } from './runtime.ts'
import { serialise } from './serialise.ts'

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
  const { InferenceSession } = await loadRuntime()
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
    await checkOffered(device)
    await tryDevice(device)
    return device
  }
  if (!(await offeredDevices()).includes('cuda')) return 'cpu'
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

async function offeredDevices(): Promise<readonly string[]> {
  const { listSupportedBackends } = await loadRuntime()
  return listSupportedBackends().map(({ name }) => name)
}

async function checkOffered(device: UsedDevice): Promise<void> {
  const offered = await offeredDevices()
  if (offered.includes(device)) return
  throw new RangeError(
    `patchtst: device=${device}: this ONNX Runtime offers ${offered.join(', ')}. Use one of these, or 'auto'.`,
  )
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 300)
