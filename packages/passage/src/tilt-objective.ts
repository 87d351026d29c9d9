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
 * Loss, gradient and Fisher curvature by theta of the law whose weights are multiplied by e^(theta phi) in each row, phi the drift
 * standardised under the weights. With p' = sum over k of w_k (phi_k - mean phi) q_k, and the quotient rule for
 * direction: gradient sum of c (p - y) p' / (p (1 - p)), curvature sum of c p'^2 / (p (1 - p)). Throws on sizes that differ and thetas that are not
 * finite. O(rows x questions x drifts).
 */
export function tiltObjective(values: DriftValues, outcomes: Outcomes, theta: ArrayLike<number>): TiltObjective {
  const { rows, questions } = values
  const { labels, rowWeights, questionWeights, total } = weighting(values, outcomes)
  const gradient = new Float64Array(rows)
  const curvature = new Float64Array(rows)
  let loss = 0
  eachTiltedRow(values, theta, (row, probabilities, slopes) => {
    const rowWeight = rowWeights[row] as number
    let first = 0
    let second = 0
    for (let h = 0; h < questions; h++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const weight = rowWeight * (questionWeights[h] as number)
      const p = Math.min(1 - CLIP, Math.max(CLIP, probabilities[h] as number))
      const slope = slopes[h] as number
      const scale = weight / (p * (1 - p))
      loss -= weight * Math.log(label === 1 ? p : 1 - p)
      first += scale * (p - label) * slope
      second += scale * slope * slope
    }
    gradient[row] = first
    curvature[row] = second
  })
  return { loss: loss / total, gradient, curvature }
}

/** Probabilities of every question of tilted moments, `[row * questions + h]`, direction conditional. Not put in order: see `createSurface`. */
export function tiltedProbabilities(values: DriftValues, theta: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.rows * values.questions)
  eachTiltedRow(values, theta, (row, probabilities) => out.set(probabilities, row * values.questions))
  return out
}

type Visit = (row: number, probabilities: Float64Array, slopes: Float64Array) => void

function eachTiltedRow(values: DriftValues, theta: ArrayLike<number>, visit: Visit): void {
  const { rows, questions, experts, mass, phi } = values
  if (theta.length !== rows) {
    throw new RangeError(`passage: theta.length=${theta.length}: must be one per row. There are ${rows} rows.`)
  }
  const factors = new Float64Array(experts)
  const centred = new Float64Array(experts)
  const probabilities = new Float64Array(questions)
  const slopes = new Float64Array(questions)
  for (let row = 0; row < rows; row++) {
    const tilt = theta[row] as number
    if (!Number.isFinite(tilt)) {
      throw new RangeError(`passage: theta[${row}]=${tilt}: must be finite. Has the boosting diverged?`)
    }
    tiltFactors({ mass, phi }, tilt, factors)
    let mean = 0
    for (let g = 0; g < experts; g++) mean += (mass[g] as number) * (factors[g] as number) * (phi[g] as number)
    for (let g = 0; g < experts; g++) centred[g] = (factors[g] as number) * ((phi[g] as number) - mean)
    for (let h = 0; h < questions; h++) {
      const from = (row * questions + h) * experts
      let p = 0
      let slope = 0
      for (let g = 0; g < experts; g++) {
        const value = values.values[from + g] as number
        p += (factors[g] as number) * value
        slope += (centred[g] as number) * value
      }
      probabilities[h] = p
      slopes[h] = slope
    }
    divide(probabilities, slopes)
    visit(row, probabilities, slopes)
  }
}

const LEAST_LEFT = 1e-12

/** Direction, the last question, as the ratio to the one before. */
function divide(probabilities: Float64Array, slopes: Float64Array): void {
  const direction = probabilities.length - 1
  const left = Math.max(LEAST_LEFT, probabilities[direction - 1] as number)
  const ratio = Math.min(1, (probabilities[direction] as number) / left)
  slopes[direction] = ((slopes[direction] as number) - ratio * (slopes[direction - 1] as number)) / left
  probabilities[direction] = ratio
}
