/** Steps of Newton's method at most; well-posed fits of a few columns need about ten. */
const MOST_STEPS = 100
/** The fit is done when no coefficient moves by more than this share of 1 + its size. */
const TOLERANCE = 1e-12
const MOST_HALVINGS = 40
/** Share of the loss by which rounding may seem to raise it where it is flat. */
const ROUNDING = 1e-12
/** A product whose double is still finite. */
const LARGE = 1e300

/**
 * Coefficients that minimise the cross entropy of targets in [0, 1] and sigmoid(sum_k b_k x_k): logistic regression
 * without penalty, by Newton's method with step halving. `columns` are the x_k by row; a column of ones is an
 * intercept. Null where the minimum does not exist or is not reached. O(steps x rows x columns^2).
 */
export function fitLogistic(columns: readonly Float64Array[], targets: Float64Array): Float64Array | null {
  let reached = fitAt(columns, targets, new Float64Array(columns.length))
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solve(reached.system)
    if (direction === null) return null
    const next = descend(columns, targets, reached, direction)
    if (next === null) return reached.coefficients
    const moved = isMove(reached.coefficients, next.coefficients)
    reached = next
    if (!moved) return reached.coefficients
  }
  return null
}

/** Coefficients with what they come to: the loss, and the system (X' W X) d = X' (t - p) of Newton's step d from them. */
interface Fit {
  readonly coefficients: Float64Array
  readonly loss: number
  /** Rows of [matrix | right side]. */
  readonly system: Float64Array[]
}

/** The first of the full step, its half, its quarter, ... that does not raise the loss; null where none does. */
function descend(
  columns: readonly Float64Array[],
  targets: Float64Array,
  { coefficients, loss }: Fit,
  direction: Float64Array,
): Fit | null {
  for (let halving = 0; halving < MOST_HALVINGS; halving++) {
    const share = 0.5 ** halving
    const tried = coefficients.map((b, k) => b + share * (direction[k] as number))
    const reached = fitAt(columns, targets, tried)
    if (reached.loss <= loss * (1 + ROUNDING)) return reached
  }
  return null
}

const isMove = (before: Float64Array, after: Float64Array): boolean =>
  before.some((b, k) => Math.abs((after[k] as number) - b) > TOLERANCE * (1 + Math.abs(b)))

/**
 * The loss is the sum of ln(1 + e^z) - t z, the first as the logarithm of products: one for hundreds of rows. Each sum has a
 * loop of its own, which the compiler keeps in registers.
 */
function fitAt(columns: readonly Float64Array[], targets: Float64Array, coefficients: Float64Array): Fit {
  const z = new Float64Array(targets.length)
  columns.forEach((x, k) => addScaled(z, x, coefficients[k] as number))
  const residuals = new Float64Array(targets.length)
  const weights = new Float64Array(targets.length)
  let loss = 0
  let factors = 1
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row] as number
    const score = z[row] as number
    const e = Math.exp(-Math.abs(score))
    factors *= 1 + e
    if (factors > LARGE) {
      loss += Math.log(factors)
      factors = 1
    }
    loss += Math.max(score, 0) - target * score
    const p = (score >= 0 ? 1 : e) / (1 + e)
    residuals[row] = target - p
    weights[row] = p * (1 - p)
  }
  loss += Math.log(factors)
  const system = columns.map((x) => Float64Array.from([...columns.map(() => 0), product(residuals, x)]))
  for (const [i, x] of columns.entries()) {
    for (let j = i; j < columns.length; j++) {
      const sum = weightedProduct(weights, x, columns[j] as Float64Array)
      ;(system[i] as Float64Array)[j] = sum
      ;(system[j] as Float64Array)[i] = sum
    }
  }
  return { coefficients, loss, system }
}

function addScaled(sums: Float64Array, values: Float64Array, factor: number): void {
  for (let row = 0; row < sums.length; row++) sums[row] = (sums[row] as number) + factor * (values[row] as number)
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let row = 0; row < a.length; row++) sum += (a[row] as number) * (b[row] as number)
  return sum
}

function weightedProduct(weights: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let row = 0; row < a.length; row++) sum += (weights[row] as number) * (a[row] as number) * (b[row] as number)
  return sum
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
