import type { CalibratorFit, IsotonicCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, type FitRows, fitRows } from './fit-rows.ts'
import { isotonicBlocks, tieRows, type TiedRows } from './pooled-blocks.ts'

/**
 * Isotonic regression (Zadrozny and Elkan 2002) by pool adjacent violators (Ayer et al. 1955), least squares among all
 * maps that never fall. Each block is kept by its first and last prediction; between blocks the map is linear, beyond
 * the ends constant, as scikit-learn does.
 *
 * The rows are joined by one more at the lowest and one at the highest prediction, each half positive: the prior of
 * Krichevsky and Trofimov (1981). A block of n negatives at the low end then stands at 1/2 / (n + 1), not at 0, and one
 * of n positives at the high end as far below 1: no probability is ever exactly 0 or 1, of which one surprise costs an
 * infinite log loss. The map is still an isotonic regression, so it still never falls.
 *
 * No calibrator where one class is present or predictions are constant. Throws on bad or no rows. O(rows log rows).
 */
export function fitIsotonic(predictions: Values, outcomes: Values): CalibratorFit<IsotonicCalibrator> {
  return fitOf(fitRows(predictions, outcomes), isotonicOf)
}

/** {@link fitIsotonic} of sorted rows. */
export function isotonicOf(rows: FitRows): CalibratorFit<IsotonicCalibrator> {
  return fitBlocks(rows, 'isotonic', ({ x }, first, last) =>
    first === last ? [x[first] as number] : [x[first] as number, x[last] as number],
  )
}

/**
 * Centred isotonic regression (Oron and Flournoy 2017): like {@link fitIsotonic}, but a block stands at the mean of its
 * predictions alone, so that between blocks the map rises strictly and ties are not made. Blocks without a positive, or
 * without a negative, keep both ends: there the map is flat by right. O(rows log rows).
 */
export function fitCentredIsotonic(predictions: Values, outcomes: Values): CalibratorFit<IsotonicCalibrator> {
  return fitOf(fitRows(predictions, outcomes), centredIsotonicOf)
}

/** {@link fitCentredIsotonic} of sorted rows. */
export function centredIsotonicOf(rows: FitRows): CalibratorFit<IsotonicCalibrator> {
  return fitBlocks(rows, 'centred-isotonic', (tied, first, last) => {
    if (first === last) return [tied.x[first] as number]
    return isPure(tied, first, last)
      ? [tied.x[first] as number, tied.x[last] as number]
      : [weightedMean(tied, first, last)]
  })
}

/** Where a block of predictions `first` to `last` stands. */
type Anchors = (tied: TiedRows, first: number, last: number) => number[]

function fitBlocks(
  { predictions, outcomes }: FitRows,
  kind: IsotonicCalibrator['kind'],
  anchors: Anchors,
): CalibratorFit<IsotonicCalibrator> {
  const tied = tieRows(predictions, outcomes)
  const points = isotonicBlocks(withPrior(tied)).flatMap(({ block, first, last }) =>
    anchors(tied, first, last).map((x) => ({ x, y: block.positives / block.weight })),
  )
  return { calibrator: { kind, x: points.map(({ x }) => x), y: points.map(({ y }) => y) } }
}

/** The rows and one more at either end, each half positive. */
function withPrior({ x, weights, positives }: TiedRows): TiedRows {
  return { x, weights: addAtEnds(weights, 1), positives: addAtEnds(positives, 0.5) }
}

const addAtEnds = (values: Float64Array, count: number): Float64Array =>
  values.map((value, i) => value + (i === 0 || i === values.length - 1 ? count : 0))

/** Whether predictions `first` to `last` have only one outcome. */
function isPure({ weights, positives }: TiedRows, first: number, last: number): boolean {
  const [rows, events] = [weights, positives].map((values) =>
    values.subarray(first, last + 1).reduce((sum, value) => sum + value, 0),
  )
  return events === 0 || events === rows
}

function weightedMean({ x, weights }: TiedRows, first: number, last: number): number {
  let sum = 0
  let total = 0
  for (let i = first; i <= last; i++) {
    sum += (weights[i] as number) * (x[i] as number)
    total += weights[i] as number
  }
  return sum / total
}
