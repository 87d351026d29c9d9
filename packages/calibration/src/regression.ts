import { checkTargets, type Measure, noValue, type Values } from './check.ts'

/** Why there is no correlation. */
const CONSTANT = 'predictions or targets are constant'

/** Mean of |prediction - target|, in the target's unit. Throws on bad or no rows. O(rows). */
export function meanAbsoluteError(predictions: Values, targets: Values): number {
  checkTargets(predictions, targets)
  let sum = 0
  for (let row = 0; row < predictions.length; row++) {
    sum += Math.abs((predictions[row] as number) - (targets[row] as number))
  }
  return sum / predictions.length
}

/** Square root of the mean of (prediction - target)^2, in the target's unit. Throws on bad or no rows. O(rows). */
export function rootMeanSquaredError(predictions: Values, targets: Values): number {
  checkTargets(predictions, targets)
  let sum = 0
  for (let row = 0; row < predictions.length; row++) {
    sum += ((predictions[row] as number) - (targets[row] as number)) ** 2
  }
  return Math.sqrt(sum / predictions.length)
}

/** Pearson correlation of predictions and targets, in [-1, 1]; no value where either is constant. O(rows). */
export function correlation(predictions: Values, targets: Values): Measure {
  checkTargets(predictions, targets)
  const sums = new Float64Array(MOMENTS)
  const shift = [predictions[0] as number, targets[0] as number] as const
  for (let row = 0; row < predictions.length; row++) {
    addMoments(sums, 0, (predictions[row] as number) - shift[0], (targets[row] as number) - shift[1])
  }
  const r = correlationOf(sums)
  return r === null ? noValue(CONSTANT) : { value: r }
}

/** Numbers that {@link addMoments} sums: n, x, y, x^2, y^2, xy. */
export const MOMENTS = 6

/** Adds a pair to the six sums that start at `offset`. Shift x and y near their means first, or digits are lost. */
export function addMoments(sums: Float64Array, offset: number, x: number, y: number): void {
  const terms = [1, x, y, x * x, y * y, x * y]
  for (let i = 0; i < MOMENTS; i++) sums[offset + i] = (sums[offset + i] as number) + (terms[i] as number)
}

/** Share of the sum of squares below which a variance is rounding error. */
const ROUNDING = 1e-12

/** Pearson correlation from the six sums; null where a variance is 0 to rounding. */
export function correlationOf(sums: Float64Array): number | null {
  const [n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0] = sums
  const varianceX = xx - (x * x) / n
  const varianceY = yy - (y * y) / n
  if (!(varianceX > ROUNDING * xx && varianceY > ROUNDING * yy)) return null
  return Math.max(-1, Math.min(1, (xy - (x * y) / n) / Math.sqrt(varianceX * varianceY)))
}
