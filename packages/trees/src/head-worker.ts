// Runs in a worker thread: trains the heads it is sent, one after another, on the shared bins.
import { parentPort, workerData } from 'node:worker_threads'
import type { BinnedMatrix } from './binning.ts'
import { boost } from './boost.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import type { TrainProgress, TrainSettings } from './options.ts'
import { finish } from './steps.ts'

/** What a worker is started with. */
export interface WorkerInput {
  readonly binned: BinnedMatrix
  readonly settings: TrainSettings
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
  const { binned, settings } = workerData as WorkerInput
  const say = (message: WorkerMessage): void => port.postMessage(message)
  port.on('message', ({ index, head }: WorkerTask) => {
    const steps = boost(binned, head, settings, (round) => say({ index, round }))
    say({ index, result: finish(steps) })
  })
}
