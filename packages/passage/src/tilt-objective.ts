import { type Outcomes, weighting } from './composite.ts'
import type { DriftValues } from './expert-values.ts'
import { tiltFactors } from './tilt.ts'

/** Composite log loss of tilted moments, with what a boosting engine needs of it, one number a row. */
export interface TiltObjective {
  /** Composite log loss over all rows, as `fitWeights` has it. */
  readonly loss: number
  /** Derivative by the row's tilt of the row's weighted log loss (not divided by the number of rows). */
  readonly gradient: Float64Array
  /** Its Fisher curvature, sum over questions of weight p'^2 / (p (1 - p)): never negative. */
  readonly curvature: Float64Array
}

/** Probabilities are kept this far from 0 and 1 in loss, gradient and curvature. */
const CLIP = 1e-5

/**
 * Loss, gradient and Fisher curvature by theta of the law whose weights are multiplied by e^(theta phi) in each row,
 * phi the drift standardised under the weights. With p' = sum over k of w_k (phi_k - mean phi) q_k, and the quotient
 * rule for direction: gradient sum of c (p - y) p' / (p (1 - p)), curvature sum of c p'^2 / (p (1 - p)). Throws on
 * sizes that differ and thetas that are not finite. O(rows x questions x drifts).
 */
export function tiltObjective(values: DriftValues, outcomes: Outcomes, theta: ArrayLike<number>): TiltObjective {
  const { rows } = values
  checkThetas(rows, theta)
  const { rowWeights, total } = weighting(values, outcomes)
  const at = tiltOfRow(values, outcomes)
  const gradient = new Float64Array(rows)
  const curvature = new Float64Array(rows)
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const one = at(row, theta[row] as number)
    const weight = rowWeights[row] as number
    loss += weight * one.loss
    gradient[row] = weight * one.gradient
    curvature[row] = weight * one.curvature
  }
  return { loss: loss / total, gradient, curvature }
}

/** What a boosting engine needs of one row at one tilt; row weights are not in it. */
export interface RowTilt {
  /** Composite log loss of the row: question weight x log loss, summed over its questions. */
  readonly loss: number
  /** Derivative of the loss by the tilt. */
  readonly gradient: number
  /** Fisher curvature: never negative. */
  readonly curvature: number
}

/**
 * {@link tiltObjective} row by row, for an engine that asks for some rows only. The answer is one object that every call writes
 * anew. Without `withLoss` the loss is NaN: its logarithms are half of the work. Throws on sizes that differ, and where asked for a theta
 * that is not finite. O(questions x drifts) a call.
 */
export function tiltOfRow(
  values: DriftValues,
  outcomes: Outcomes,
): (row: number, theta: number, withLoss?: boolean) => RowTilt {
  const { questions } = values
  const { labels, questionWeights } = weighting(values, outcomes)
  const { sums } = values
  const tilt = rowTilter(values)
  const out = { loss: 0, gradient: 0, curvature: 0 }
  return (row, theta, withLoss = true) => {
    tilt(row, theta)
    let [loss, gradient, curvature] = [withLoss ? 0 : Number.NaN, 0, 0]
    for (let h = 0; h < questions; h++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const weight = questionWeights[h] as number
      const p = Math.min(1 - CLIP, Math.max(CLIP, sums[2 * h] as number))
      const slope = sums[2 * h + 1] as number
      const scale = weight / (p * (1 - p))
      if (withLoss) loss -= weight * Math.log(label === 1 ? p : 1 - p)
      gradient += scale * (p - label) * slope
      curvature += scale * slope * slope
    }
    out.loss = loss
    out.gradient = gradient
    out.curvature = curvature
    return out
  }
}

/**
 * Probabilities of every question of tilted moments, `[row * questions + h]`, direction conditional. Not put in order:
 * see `createSurface`.
 */
export function tiltedProbabilities(values: DriftValues, theta: ArrayLike<number>): Float64Array {
  checkThetas(values.rows, theta)
  const out = new Float64Array(values.rows * values.questions)
  const { rows, questions, sums } = values
  const tilt = rowTilter(values)
  for (let row = 0; row < rows; row++) {
    tilt(row, theta[row] as number)
    for (let h = 0; h < questions; h++) out[row * questions + h] = sums[2 * h] as number
  }
  return out
}

function checkThetas(rows: number, theta: ArrayLike<number>): void {
  if (theta.length === rows) return
  throw new RangeError(`passage: theta.length=${theta.length}: must be one per row. There are ${rows} rows.`)
}

/** Writes each question's probability and its derivative by theta, of a row at a tilt, to the `sums` of the values. */
function rowTilter({ experts, mass, phi, pairs, sums, sumRow }: DriftValues): (row: number, theta: number) => void {
  const factors = new Float64Array(experts)
  return (row, theta) => {
    if (!Number.isFinite(theta)) {
      throw new RangeError(`passage: theta[${row}]=${theta}: must be finite. Has the boosting diverged?`)
    }
    tiltFactors({ mass, phi }, theta, factors)
    let mean = 0
    for (let g = 0; g < experts; g++) mean += (mass[g] as number) * (factors[g] as number) * (phi[g] as number)
    for (let g = 0; g < experts; g++) {
      const factor = factors[g] as number
      pairs[2 * g] = factor
      pairs[2 * g + 1] = factor * ((phi[g] as number) - mean)
    }
    sumRow(row)
    divide(sums)
  }
}

const LEAST_LEFT = 1e-12

/** Direction, the last question, as the ratio to the one before. */
function divide(sums: Float64Array): void {
  const direction = sums.length - 2
  const left = Math.max(LEAST_LEFT, sums[direction - 2] as number)
  const ratio = Math.min(1, (sums[direction] as number) / left)
  sums[direction + 1] = ((sums[direction + 1] as number) - ratio * (sums[direction - 1] as number)) / left
  sums[direction] = ratio
}
