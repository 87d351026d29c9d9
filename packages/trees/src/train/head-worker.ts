// Runs in a worker thread: trains the heads it is sent, one after another, on shared bins.
import { parentPort } from 'node:worker_threads'
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

/** What the heads of one call have in common. */
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

/** A message to a worker: what it works on from now on, a head to train on it, and that there are no more. */
export type WorkerRequest =
  | { readonly kind: 'begin'; readonly input: WorkerInput }
  | { readonly kind: 'head'; readonly task: WorkerTask }
  | { readonly kind: 'end' }

/** A message of a worker: a finished round, or a finished head. */
export type WorkerMessage =
  { readonly index: number; readonly round: RoundReport } | { readonly index: number; readonly result: TrainedHead }

const port = parentPort
if (port !== null) {
  const post = (message: WorkerMessage): void => port.postMessage(message)
  let train: ((task: WorkerTask) => void) | undefined
  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'begin') train = trainerOf(request.input, post)
    else if (request.kind === 'head') train?.(request.task)
    else train = undefined
  })
}

/** Trains heads in the place that the input names; one that does not lead never comes back from its leader's requests. */
function trainerOf(
  { binned, settings, memory, layout, region, thread, compiled, reports }: WorkerInput,
  post: (message: WorkerMessage) => void,
): (task: WorkerTask) => void {
  if (thread > 0) runWorker(memory, layout, region, thread, compiled)
  const engine = createEngine(memory, layout, region, compiled)
  return ({ index, head }) => {
    const report = reports ? (round: RoundReport): void => post({ index, round }) : undefined
    post({ index, result: runToEnd(trainingCoroutine(binned, engine, head, settings, report)) })
  }
}
