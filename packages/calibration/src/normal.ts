/** Acklam's coefficients: rational approximations of the normal quantile, of its centre and of its tails. */
const CENTRE_UP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const CENTRE_DOWN = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
]
const TAIL_UP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_DOWN = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
const TAIL = 0.02425

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, c) => sum * x + c, 0)

/**
 * Quantile of the standard normal distribution at p in (0, 1), with a relative error below 1.2e-9 (P. J. Acklam's
 * rational approximation, 2003). Infinite at 0 and 1.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p < TAIL) {
    const q = Math.sqrt(-2 * Math.log(p))
    return polynomial(TAIL_UP, q) / polynomial(TAIL_DOWN, q)
  }
  const q = p - 0.5
  return (q * polynomial(CENTRE_UP, q * q)) / polynomial(CENTRE_DOWN, q * q)
}

/** Density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)

/** Where the tail's continued fraction takes over from the series. */
const SERIES_END = 4
const FRACTION_TERMS = 200

/**
 * Distribution function of the standard normal: by its series about 0 (Marsaglia 2004), beyond 4 by the continued
 * fraction of the tail. Relative error below 1e-12 in either tail.
 */
export function normalCdf(z: number): number {
  if (Math.abs(z) > SERIES_END) return z > 0 ? 1 - upperTail(z) : upperTail(-z)
  let sum = z
  let term = z
  for (let k = 3; Math.abs(term) > Number.EPSILON * Math.abs(sum) * 0.01; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return 0.5 + sum * normalDensity(z)
}

/** P(Z > z) for z above 4: density / (z + 1/(z + 2/(z + 3/(z + ...)))). */
function upperTail(z: number): number {
  let fraction = z
  for (let k = FRACTION_TERMS; k > 0; k--) fraction = z + k / fraction
  return normalDensity(z) / fraction
}

/** P(|Z| > |z|): the two-sided p-value of a z statistic, in [0, 1]. */
export const twoSidedP = (z: number): number => Math.min(1, 2 * normalCdf(-Math.abs(z)))
