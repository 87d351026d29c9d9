// Runs in a worker thread: trains the heads it is sent, one after another, on the shared bins.
import { parentPort, workerData } from 'node:worker_threads'
import type { WasmModule } from '@breakwater/formats'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { runToEnd } from '../binning/coroutine.ts'
import { createEngine, runWorker } from '../engine/engine.ts'
import type { EngineLayout } from '../engine/layout.ts'
import type { EngineMemory } from '../engine/memory.ts'
import type { RoundReport } from './boost.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import type { TrainSettings } from './options.ts'
import { trainingCoroutine } from './train.ts'

/** What a worker is started with. */
export interface WorkerInput {
  readonly binned: BinnedMatrix
  readonly settings: TrainSettings
  readonly memory: EngineMemory
  readonly layout: EngineLayout
  /** The region of memory that this worker's pool works in. */
  readonly region: number
  /** Its place in the pool; 0 leads. */
  readonly thread: number
  /** Whether rounds are reported. */
  readonly reports: boolean
  /** Undefined for the reference kernel. */
  readonly compiled: WasmModule | undefined
}

/** One head to train. */
export interface WorkerTask {
  readonly index: number
  readonly head: HeadPlan
}

/** A message of a worker: a finished round, or a finished head. */
export type WorkerMessage =
  { readonly index: number; readonly round: RoundReport } | { readonly index: number; readonly result: TrainedHead }

const port = parentPort
if (port !== null) {
  const { binned, settings, memory, layout, region, thread, compiled, reports } = workerData as WorkerInput
  if (thread > 0) runWorker(memory, layout, region, thread, compiled)
  const engine = createEngine(memory, layout, region, compiled)
  const post = (message: WorkerMessage): void => port.postMessage(message)
  port.on('message', ({ index, head }: WorkerTask) => {
    const report = reports ? (round: RoundReport): void => post({ index, round }) : undefined
    post({ index, result: runToEnd(trainingCoroutine(binned, engine, head, settings, report)) })
  })
}
