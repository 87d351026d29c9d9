/** Sums that a least-squares fit needs of its rows. */
export interface NormalEquations {
  rows: number
  readonly size: number
  /** Sum of x x', row-major, size x size. */
  readonly products: Float64Array
  /** Sum of x y. */
  readonly targets: Float64Array
}

/** Equations without rows. */
export function emptyEquations(size: number): NormalEquations {
  return { rows: 0, size, products: new Float64Array(size * size), targets: new Float64Array(size) }
}

/** Adds a row x with target y. */
export function addRow(equations: NormalEquations, x: Float64Array, y: number): void {
  const { size, products, targets } = equations
  equations.rows++
  for (let i = 0; i < size; i++) {
    targets[i] = (targets[i] as number) + (x[i] as number) * y
    for (let j = 0; j < size; j++) {
      products[i * size + j] = (products[i * size + j] as number) + (x[i] as number) * (x[j] as number)
    }
  }
}

/**
 * Coefficients that minimise the squared error plus rows x `ridge` x their squares, the first (the intercept) free, by
 * Cholesky. With ridge > 0 the equations are never singular. NaN without rows.
 */
export function solveLeastSquares({ rows, size, products, targets }: NormalEquations, ridge: number): number[] {
  const lower = new Float64Array(size * size)
  const at = (i: number, j: number): number => lower[i * size + j] as number
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (products[i * size + j] as number) + (i === j && i > 0 ? rows * ridge : 0)
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k)
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / at(j, j)
    }
  }
  const solution = Float64Array.from(targets)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) solution[i] = (solution[i] as number) - at(i, k) * (solution[k] as number)
    solution[i] = (solution[i] as number) / at(i, i)
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i] = (solution[i] as number) - at(k, i) * (solution[k] as number)
    solution[i] = (solution[i] as number) / at(i, i)
  }
  return [...solution]
}
