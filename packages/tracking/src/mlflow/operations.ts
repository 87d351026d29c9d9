import type { RunStart, RunStatus } from '../tracker.ts'
import type { MlflowDataset } from './terms.ts'

/** A metric's value as MLflow takes it. */
export interface WireMetric {
  readonly key: string
  readonly value: number
  readonly timestamp: number
  readonly step: number
}

/** A key with a text. */
export interface WireText {
  readonly key: string
  readonly value: string
}

/** Values that go to the server together. */
export interface LogBatch {
  readonly kind: 'batch'
  readonly metrics: readonly WireMetric[]
  readonly params: readonly WireText[]
  readonly tags: readonly WireText[]
}

/** One thing to tell the server, as it is kept in a journal: plain data, and a file's place below the journal's folder. */
export type Operation =
  | {
      readonly kind: 'start'
      readonly run: RunStart
      readonly experiment: string
      readonly user: string
      readonly time: number
    }
  | LogBatch
  | { readonly kind: 'dataset'; readonly dataset: MlflowDataset; readonly context: string }
  | { readonly kind: 'file'; readonly path: string; readonly file: string }
  | {
      readonly kind: 'model'
      readonly model: string
      readonly artifact: string
      readonly tags: readonly WireText[]
    }
  | { readonly kind: 'end'; readonly status: RunStatus; readonly time: number }

/** What MLflow takes in one batch. */
const BATCH_LIMITS = { metrics: 1000, params: 100, tags: 100, all: 1000, bytes: 1_000_000 }

/** Bytes of the request beside the values themselves: the run's id and the names of the lists. */
const ENVELOPE = 200

type Entry =
  | { readonly list: 'metrics'; readonly value: WireMetric }
  | { readonly list: 'params' | 'tags'; readonly value: WireText }

/**
 * The same values in the same order, in as few batches as MLflow's limits allow: at most 1,000 metrics, 100 params, 100
 * tags, 1,000 values in all and 1 MB. A batch never holds two values for one param or tag. Cost: linear.
 */
export function packBatches(batches: readonly LogBatch[]): LogBatch[] {
  const packed: LogBatch[] = []
  let open = emptyBatch()
  for (const entry of batches.flatMap((batch) => entriesOf(batch))) {
    const size = Buffer.byteLength(JSON.stringify(entry.value)) + 1
    if (!fits(open, entry, size)) {
      packed.push(open.batch)
      open = emptyBatch()
    }
    if (entry.list === 'metrics') open.batch.metrics.push(entry.value)
    else {
      open.batch[entry.list].push(entry.value)
      open.keys.add(`${entry.list} ${entry.value.key}`)
    }
    open.bytes += size
    open.count++
  }
  return open.count === 0 ? packed : [...packed, open.batch]
}

interface OpenBatch {
  readonly batch: { readonly kind: 'batch'; metrics: WireMetric[]; params: WireText[]; tags: WireText[] }
  readonly keys: Set<string>
  bytes: number
  count: number
}

const emptyBatch = (): OpenBatch => ({
  batch: { kind: 'batch', metrics: [], params: [], tags: [] },
  keys: new Set(),
  bytes: ENVELOPE,
  count: 0,
})

function entriesOf({ params, tags, metrics }: LogBatch): Entry[] {
  return [
    ...params.map((value) => ({ list: 'params', value }) as const),
    ...tags.map((value) => ({ list: 'tags', value }) as const),
    ...metrics.map((value) => ({ list: 'metrics', value }) as const),
  ]
}

function fits({ batch, keys, bytes, count }: OpenBatch, { list, value }: Entry, size: number): boolean {
  return (
    count < BATCH_LIMITS.all &&
    batch[list].length < BATCH_LIMITS[list] &&
    bytes + size <= BATCH_LIMITS.bytes &&
    !keys.has(`${list} ${value.key}`)
  )
}
