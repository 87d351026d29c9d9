import { parentPort, workerData } from 'node:worker_threads'
import { searcherIn } from './create-searcher.ts'
import type { RetrievalIndex } from './index-data.ts'
import type { Codes } from './quantise.ts'
import type { QueryOptions } from './searcher.ts'
import type { Summary } from './summary.ts'

/** What a worker is started with; its arrays are shared. */
export interface WorkerInput {
  readonly index: RetrievalIndex
  readonly codes: Codes | undefined
  readonly slot: number
}

/** Queries for a worker: `options.length` rows one after another. */
export interface WorkerTask {
  readonly id: number
  readonly rows: Float32Array
  readonly options: readonly QueryOptions[]
}

/** Its answer: summaries in order, or what the first bad query threw. */
export type WorkerAnswer =
  { readonly id: number; readonly summaries: readonly Summary[] } | { readonly id: number; readonly error: Error }

const { index, codes, slot } = workerData as WorkerInput
const searcher = searcherIn(index, codes, slot)
const width = index.normaliser.features.length

function answer({ id, rows, options }: WorkerTask): WorkerAnswer {
  try {
    const row = (i: number): Float32Array => rows.subarray(i * width, (i + 1) * width)
    return { id, summaries: options.map((each, i) => searcher.query(row(i), each)) }
  } catch (error) {
    return { id, error: error as Error }
  }
}

parentPort?.on('message', (task: WorkerTask) => parentPort?.postMessage(answer(task)))
