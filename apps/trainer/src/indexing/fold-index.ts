import type { Anchor, Encoder, HeadTarget, Matrix } from '@breakwater/features'
import { ANCHOR_SECONDS, encodeTable } from '@breakwater/features'
import { fitIndex } from '@breakwater/retrieval'
import type { RetrievalIndex } from '@breakwater/retrieval'
import { foldRows } from '@breakwater/splits'
import type { TrainedSet } from '../evaluation/sets.ts'
import type { Step } from '../progress.ts'
import type { Signals } from '../signals-file.ts'
import { splitRows } from '../training/plan.ts'
import { metadataOf, outcomesOf } from './touches.ts'

/** Options of an index that the user decides. */
export interface IndexOptions {
  readonly k: number
  readonly episodeCap: number
  readonly anchor: Anchor
}

/** A fold whose predicted rows are asked about, with its training rows. */
export interface AskedFold {
  readonly fold: number
  /** One byte a row of the signals. */
  readonly train: Uint8Array
}

/** Training rows of every fold, purged as for the trees. `signals` are those of the training. */
export function trainingRows({ details: { plan, options } }: TrainedSet, signals: Signals): AskedFold[] {
  const lastAnchor = Math.max(...options.anchors.map((anchor) => ANCHOR_SECONDS[anchor]))
  const rows = splitRows(signals.table, lastAnchor + signals.lookforwardSeconds)
  return plan.folds.map((fold) => ({ fold: fold.index, train: foldRows(fold, rows).train }))
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
