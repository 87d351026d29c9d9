import { availableParallelism } from 'node:os'
import { type Encoder, type FeatureSpec, fitEncoder, type Matrix } from '@breakwater/features'
import { createPool } from '@breakwater/retrieval/node'
import { tableAtAnchor } from '../at-anchor.ts'
import type { QuerySource } from './ask.ts'
import { fitOnRows, type IndexOptions, type LabelledSignals } from './fit-index.ts'

/** The index of a fold, for as long as it is asked. */
export interface FoldIndex {
  readonly source: QuerySource
  readonly encoder: Encoder
  /** Every row of the signals, encoded. */
  readonly matrix: Matrix
}

/** What the index of a fold is fitted on. */
export interface FoldIndexRequest extends LabelledSignals {
  readonly features: readonly FeatureSpec[]
  /** Training rows of the fold: non-zero bytes. */
  readonly train: Uint8Array
  readonly options: IndexOptions
  /** Threads that answer; default one a processor. Answers do not depend on it. */
  readonly threads?: number | undefined
  /** Called with the share of the index's distances that is measured. */
  readonly onMeasured?: (share: number) => void
}

/** Fits the index of a fold, and its encoder, on its training rows alone, and gives it to `use`. */
export async function withFoldIndex<T>(
  { signals, targets, features, train, options, threads = availableParallelism(), onMeasured }: FoldIndexRequest,
  use: (index: FoldIndex) => Promise<T>,
): Promise<T> {
  const encoder = fitEncoder(tableAtAnchor(features, signals.table, options.anchor), features, { rows: train })
  const { index, matrix } = fitOnRows({ signals, targets }, { encoder, mask: train }, options, onMeasured)
  const pool = createPool(index, { threads })
  try {
    return await use({ source: pool, encoder, matrix })
  } finally {
    await pool.close()
  }
}
