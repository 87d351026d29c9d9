import type { Anchor, Encoder, HeadTarget, Matrix } from '@breakwater/features'
import { encodeTable } from '@breakwater/features'
import { fitIndex } from '@breakwater/retrieval'
import type { RetrievalIndex } from '@breakwater/retrieval'
import type { Step } from '../progress.ts'
import type { Signals } from '../signals-file.ts'
import { metadataOf, outcomesOf } from './touches.ts'

/** Options of an index that the user decides. */
export interface IndexOptions {
  readonly k: number
  readonly episodeCap: number
  readonly anchor: Anchor
}

/** An index with the matrix it was fitted on. */
export interface FittedIndex {
  readonly index: RetrievalIndex
  /** Every row of the signals, encoded: training rows and those to ask about. */
  readonly matrix: Matrix
}

/** Fits an index on the rows of `mask`; `step` is told which share of its distances is measured. */
export function fitOnRows(
  signals: Signals,
  targets: readonly HeadTarget[],
  encoder: Encoder,
  mask: Uint8Array,
  { k, episodeCap, anchor }: IndexOptions,
  step: Step,
): FittedIndex {
  const { matrix } = encodeTable(encoder, signals.table)
  const index = fitIndex(matrix, outcomesOf(signals, anchor, targets), metadataOf(signals, anchor), {
    rows: mask,
    k,
    episodeCap,
    onMeasured: (done, of) => step.update(done / of),
  })
  return { index, matrix }
}
