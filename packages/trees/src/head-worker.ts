// Runs in a worker thread: trains the heads it is sent, one after another, on the shared bins.
import { parentPort, workerData } from 'node:worker_threads'
import type { BinnedMatrix } from './binning.ts'
import { createEngine } from './engine/engine.ts'
import type { EngineLayout } from './engine/layout.ts'
import type { EngineMemory } from './engine/memory.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import type { KernelModule } from './kernel/load.ts'
import type { TrainProgress, TrainSettings } from './options.ts'
import { finish } from './steps.ts'
import { trainingSteps } from './train.ts'

/** What a worker is started with. */
export interface WorkerInput {
  readonly binned: BinnedMatrix
  readonly settings: TrainSettings
  readonly memory: EngineMemory
  readonly layout: EngineLayout
  /** The region of memory that is this worker's own. */
  readonly region: number
  /** Undefined for the kernel's twin. */
  readonly compiled: KernelModule | undefined
}

/** One head to train. */
export interface WorkerTask {
  readonly index: number
  readonly head: HeadPlan
}

/** What a worker says: a finished round, or a finished head. */
export type WorkerMessage =
  | { readonly index: number; readonly round: Omit<TrainProgress, 'headIndex' | 'heads'> }
  | { readonly index: number; readonly result: TrainedHead }

const port = parentPort
if (port !== null) {
  const { binned, settings, memory, layout, region, compiled } = workerData as WorkerInput
  const engine = createEngine(memory, layout, region, compiled)
  const say = (message: WorkerMessage): void => port.postMessage(message)
  port.on('message', ({ index, head }: WorkerTask) => {
    const steps = trainingSteps(binned, engine, head, settings, (round) => say({ index, round }))
    say({ index, result: finish(steps) })
  })
}
