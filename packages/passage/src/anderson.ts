import { addRow, emptyEquations, solveLeastSquares } from './volatility/least-squares.ts'

/** Steps that are looked back on. More forget less and fit noise of long ago. */
const ORDER = 10
/** Keeps the squares positive definite, as a share of their trace. */
const RIDGE = 1e-10

/** Where an iteration x -> g(x) is expected to end, from its steps so far; null before the second step and where they say nothing. */
export type Accelerator = (x: Float64Array, g: Float64Array) => Float64Array | null

/**
 * Anderson's acceleration of a fixed-point iteration (Walker and Ni 2011): of all mixtures of the last {@link ORDER} steps
 * the one whose residual g - x is the least, by least squares. It proves nothing: whoever takes its answer checks that it is better. The
 * two arrays of a call are kept. O(order^2 x length) a call.
 */
export function anderson(): Accelerator {
  const moves: Float64Array[] = []
  const changes: Float64Array[] = []
  let last: { readonly x: Float64Array; readonly residual: Float64Array } | undefined
  return (x, g) => {
    const residual = difference(g, x)
    if (last !== undefined) {
      moves.push(difference(x, last.x))
      changes.push(difference(residual, last.residual))
    }
    if (moves.length > ORDER) {
      moves.shift()
      changes.shift()
    }
    last = { x, residual }
    if (moves.length === 0) return null
    const shares = leastSquares(changes, residual)
    const ahead = g.map((value, i) =>
      shares.reduce((sum, share, j) => sum - share * ((moves[j]?.[i] as number) + (changes[j]?.[i] as number)), value),
    )
    return ahead.every(Number.isFinite) ? ahead : null
  }
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] as number))

/** Shares of columns whose sum is nearest to a target. */
function leastSquares(columns: readonly Float64Array[], target: Float64Array): number[] {
  const equations = emptyEquations(columns.length)
  for (const [i, value] of target.entries()) {
    addRow(
      equations,
      Float64Array.from(columns, (column) => column[i] as number),
      value,
    )
  }
  const { size, products } = equations
  let trace = 0
  for (let i = 0; i < size; i++) trace += products[i * (size + 1)] as number
  for (let i = 0; i < size; i++) products[i * (size + 1)] = (products[i * (size + 1)] as number) + RIDGE * trace
  return solveLeastSquares(equations, 0)
}
