// Runs in a worker thread: trains the heads it is sent, one after another, on the shared bins.
import { parentPort, workerData } from 'node:worker_threads'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import type { RoundReport } from './boost.ts'
import { createEngine, serveTeam } from '../engine/engine.ts'
import type { EngineLayout } from '../engine/layout.ts'
import type { EngineMemory } from '../engine/memory.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import type { KernelModule } from '../kernel/load.ts'
import type { TrainSettings } from './options.ts'
import { runToEnd } from '../binning/coroutine.ts'
import { trainingCoroutine } from './train.ts'

/** What a worker is started with. */
export interface WorkerInput {
  readonly binned: BinnedMatrix
  readonly settings: TrainSettings
  readonly memory: EngineMemory
  readonly layout: EngineLayout
  /** The region of memory that this worker's team works in. */
  readonly region: number
  /** Its place in the team; 0 leads. */
  readonly member: number
  /** Whether rounds are told. */
  readonly reports: boolean
  /** Undefined for the reference kernel. */
  readonly compiled: KernelModule | undefined
}

/** One head to train. */
export interface WorkerTask {
  readonly index: number
  readonly head: HeadPlan
}

/** What a worker says: a finished round, or a finished head. */
export type WorkerMessage =
  { readonly index: number; readonly round: RoundReport } | { readonly index: number; readonly result: TrainedHead }

const port = parentPort
if (port !== null) {
  const { binned, settings, memory, layout, region, member, compiled, reports } = workerData as WorkerInput
  if (member > 0) serveTeam(memory, layout, region, member, compiled)
  const engine = createEngine(memory, layout, region, compiled)
  const say = (message: WorkerMessage): void => port.postMessage(message)
  port.on('message', ({ index, head }: WorkerTask) => {
    const tell = reports ? (round: RoundReport): void => say({ index, round }) : undefined
    const coroutine = trainingCoroutine(binned, engine, head, settings, tell)
    say({ index, result: runToEnd(coroutine) })
  })
}
