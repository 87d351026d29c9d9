import type { CalibratorFit, IsotonicCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitRows } from './fit-rows.ts'
import { isotonicBlocks, tieRows, type TiedRows } from './pooled-blocks.ts'

/**
 * Isotonic regression (Zadrozny and Elkan 2002) by pool adjacent violators (Ayer et al. 1955), least squares among all
 * maps that never fall. Each block is kept by its first and last prediction; between blocks the map is linear, beyond
 * the ends constant, as scikit-learn does. It may give 0 and 1, which log loss punishes. No calibrator where one class
 * is present or predictions are constant. Throws on bad or no rows. O(rows log rows).
 */
export function fitIsotonic(predictions: Values, outcomes: Values): CalibratorFit<IsotonicCalibrator> {
  return fitBlocks(predictions, outcomes, 'isotonic', ({ x }, first, last) =>
    first === last ? [x[first] as number] : [x[first] as number, x[last] as number],
  )
}

/**
 * Centred isotonic regression (Oron and Flournoy 2017): like {@link fitIsotonic}, but a block stands at the mean of its
 * predictions alone, so that between blocks the map rises strictly and ties are not made. Blocks of rate 0 or 1 keep
 * both ends: there the map is flat by right. O(rows log rows).
 */
export function fitCentredIsotonic(predictions: Values, outcomes: Values): CalibratorFit<IsotonicCalibrator> {
  return fitBlocks(predictions, outcomes, 'centred-isotonic', (tied, first, last, rate) => {
    if (first === last) return [tied.x[first] as number]
    return rate === 0 || rate === 1
      ? [tied.x[first] as number, tied.x[last] as number]
      : [weightedMean(tied, first, last)]
  })
}

type Anchors = (tied: TiedRows, first: number, last: number, rate: number) => number[]

function fitBlocks(
  predictions: Values,
  outcomes: Values,
  kind: IsotonicCalibrator['kind'],
  anchors: Anchors,
): CalibratorFit<IsotonicCalibrator> {
  const rows = fitRows(predictions, outcomes)
  if (typeof rows === 'string') return { calibrator: null, reason: rows }
  const tied = tieRows(rows.predictions, rows.outcomes)
  const points = isotonicBlocks(tied).flatMap(({ block, first, last }) => {
    const rate = block.positives / block.weight
    return anchors(tied, first, last, rate).map((x) => ({ x, y: rate }))
  })
  return { calibrator: { kind, x: points.map(({ x }) => x), y: points.map(({ y }) => y) } }
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
