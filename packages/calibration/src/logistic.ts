import { sigmoid } from './logit.ts'

/** Steps of Newton's method at most; well-posed fits of a few columns need about ten. */
const MOST_STEPS = 100
/** The fit is done when no coefficient moves by more than this share of 1 + its size. */
const TOLERANCE = 1e-12
const MOST_HALVINGS = 40

/**
 * Coefficients that minimise the cross entropy of targets in [0, 1] and sigmoid(sum_k b_k x_k): logistic regression
 * without penalty, by Newton's method with step halving. `columns` are the x_k by row; a column of ones is an
 * intercept. Null where the minimum does not exist or is not reached. O(steps x rows x columns^2).
 */
export function fitLogistic(columns: readonly Float64Array[], targets: Float64Array): Float64Array | null {
  let coefficients = new Float64Array(columns.length)
  let loss = crossEntropy(columns, targets, coefficients)
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = newtonStep(columns, targets, coefficients)
    if (direction === null) return null
    const next = descend(columns, targets, { coefficients, direction, loss })
    if (next === null) return coefficients
    const moved = next.coefficients.some((b, k) => {
      const before = coefficients[k] as number
      return Math.abs(b - before) > TOLERANCE * (1 + Math.abs(before))
    })
    coefficients = next.coefficients
    loss = next.loss
    if (!moved) return coefficients
  }
  return null
}

interface Descent {
  readonly coefficients: Float64Array<ArrayBuffer>
  readonly direction: Float64Array
  readonly loss: number
}

/** The first of the full step, its half, its quarter, ... that does not raise the loss; null where none does. */
function descend(
  columns: readonly Float64Array[],
  targets: Float64Array,
  { coefficients, direction, loss }: Descent,
): Omit<Descent, 'direction'> | null {
  for (let halving = 0; halving < MOST_HALVINGS; halving++) {
    const share = 0.5 ** halving
    const tried = coefficients.map((b, k) => b + share * (direction[k] as number))
    const reached = crossEntropy(columns, targets, tried)
    if (reached <= loss) return { coefficients: tried, loss: reached }
  }
  return null
}

function linear(columns: readonly Float64Array[], coefficients: Float64Array, row: number): number {
  let sum = 0
  for (let k = 0; k < columns.length; k++) sum += (coefficients[k] as number) * (columns[k]?.[row] as number)
  return sum
}

/** Sum of ln(1 + e^z) - t z over the rows. */
function crossEntropy(columns: readonly Float64Array[], targets: Float64Array, coefficients: Float64Array): number {
  let sum = 0
  for (let row = 0; row < targets.length; row++) {
    const z = linear(columns, coefficients, row)
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (targets[row] as number) * z
  }
  return sum
}

/** Solves (X' W X) d = X' (t - p); null where the matrix is singular. */
function newtonStep(
  columns: readonly Float64Array[],
  targets: Float64Array,
  coefficients: Float64Array,
): Float64Array | null {
  const width = columns.length
  const system = Array.from({ length: width }, () => new Float64Array(width + 1))
  for (let row = 0; row < targets.length; row++) {
    const p = sigmoid(linear(columns, coefficients, row))
    const weight = p * (1 - p)
    for (let i = 0; i < width; i++) {
      const x = columns[i]?.[row] as number
      const line = system[i] as Float64Array
      for (let j = 0; j < width; j++) line[j] = (line[j] as number) + weight * x * (columns[j]?.[row] as number)
      line[width] = (line[width] as number) + x * ((targets[row] as number) - p)
    }
  }
  return solve(system)
}

/** Solves a small linear system given as rows [matrix | right side], by Gauss-Jordan elimination with pivoting. */
function solve(system: Float64Array[]): Float64Array | null {
  const width = system.length
  for (let k = 0; k < width; k++) {
    const size = (line: Float64Array | undefined): number => Math.abs(line?.[k] as number)
    let pivot = k
    for (let i = k + 1; i < width; i++) if (size(system[i]) > size(system[pivot])) pivot = i
    const chosen = system[pivot] as Float64Array
    if (!(size(chosen) > 1e-300)) return null
    system[pivot] = system[k] as Float64Array
    system[k] = chosen
    for (let i = 0; i < width; i++) {
      const line = system[i] as Float64Array
      const factor = i === k ? 0 : (line[k] as number) / (chosen[k] as number)
      if (factor !== 0) for (let j = k; j <= width; j++) line[j] = (line[j] as number) - factor * (chosen[j] as number)
    }
  }
  return Float64Array.from(system, (line, k) => (line[width] as number) / (line[k] as number))
}
