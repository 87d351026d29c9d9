const HALVINGS = 80

/**
 * The minimum over the simplex of sum over k of -up_k log w_k + down_k w_k, up positive, down at least 0: w_k = up_k /
 * (down_k + nu), with nu such that the sum is 1, by bisection to double precision. O(k).
 */
export function solveSimplex(up: Float64Array, down: Float64Array): Float64Array {
  const total = up.reduce((sum, value) => sum + value, 0)
  const least = down.reduce((low, value) => Math.min(low, value), Infinity)
  const most = down.reduce((high, value) => Math.max(high, value), -Infinity)
  let low = Math.max(total - most, -least)
  let high = total - least
  for (let i = 0; i < HALVINGS; i++) {
    const nu = 0.5 * (low + high)
    let sum = 0
    for (let k = 0; k < up.length; k++) sum += (up[k] as number) / ((down[k] as number) + nu)
    if (sum > 1) low = nu
    else high = nu
  }
  const weights = up.map((value, k) => value / ((down[k] as number) + high))
  const sum = weights.reduce((all, weight) => all + weight, 0)
  return weights.map((weight) => weight / sum)
}
