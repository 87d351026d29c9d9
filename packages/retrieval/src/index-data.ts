import type { PackedStrings } from './ids.ts'
import type { ReachName } from './input.ts'
import type { Normaliser } from './normalise.ts'

/** Version of {@link RetrievalIndex} and of its file; a reader refuses another. */
export const INDEX_VERSION = 1

/** The columns that rows are parted by, in the order of the stored rows: each rung of the ladder is then few ranges. */
export const FILTER_NAMES = ['direction', 'levelKindName', 'gammaBucket'] as const
/** One of {@link FILTER_NAMES}. */
export type FilterName = (typeof FILTER_NAMES)[number]

/** Rows with the same direction, level kind and gamma bucket: `start` to `end` (exclusive), by rising `resolvedNs`. */
export type Partition = Readonly<Record<FilterName, string | null>> & { readonly start: number; readonly end: number }

/** Distances that the training rows have to their own neighbours in other sessions. */
export interface Reference {
  /** Neighbours asked for. */
  readonly k: number
  /** Rows measured: those of a spread sample that found k neighbours. */
  readonly rows: number
  /** `k` x `rows` distances: those to the j-th neighbour from `(j - 1) * rows`, rising. */
  readonly distances: Float32Array
}

/** Arrays with one entry a stored row. */
export interface StoredRows {
  /** Place in the matrix that the index was fitted on: the order of equal distances. */
  readonly row: Int32Array
  readonly ids: PackedStrings
  readonly tsNs: BigInt64Array
  readonly resolvedNs: BigInt64Array
  readonly episode: Int32Array
  readonly session: Int32Array
  readonly outcome: Int8Array
  readonly tradeable2: Float32Array
  readonly strengthSigned: Float32Array
  readonly strengthAbs: Float32Array
  readonly times: Readonly<Record<ReachName, Float32Array>>
  readonly observed: Float32Array
}

/** A fitted index: plain data. `vectors` is rows x kept features, row-major, normalised, 32-bit, in the partitions' order. */
export interface RetrievalIndex {
  readonly version: typeof INDEX_VERSION
  readonly normaliser: Normaliser
  readonly rows: number
  readonly vectors: Float32Array
  readonly partitions: readonly Partition[]
  readonly stored: StoredRows
  /** Names of sessions; `stored.session` is an index into it, -1 unknown. */
  readonly sessions: readonly string[]
  /** Neighbours by default. */
  readonly k: number
  /** Most neighbours from one episode by default. */
  readonly episodeCap: number
  /** Width in seconds of the interval that contains a reach time. */
  readonly resolutionSeconds: number
  readonly reference: Reference
}
