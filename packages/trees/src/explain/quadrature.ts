/** Points and weights of a rule: the integral of f over (0, 1) is the sum of weights[k] f(points[k]). */
export interface Quadrature {
  readonly points: Float64Array
  readonly weights: Float64Array
}

/**
 * The Gauss-Legendre rule with `size` points on (0, 1), exact for polynomials of degree up to 2 size - 1. Points ascend
 * and lie inside the interval. Newton's method on the Legendre polynomial; cost O(size^2).
 */
export function gaussLegendre(size: number): Quadrature {
  const points = new Float64Array(size)
  const weights = new Float64Array(size)
  for (let k = 0; k < size; k++) {
    let x = -Math.cos((Math.PI * (k + 0.75)) / (size + 0.5))
    for (let step = 0; step < 10; step++) {
      const { value, slope } = legendre(size, x)
      x -= value / slope
    }
    const { slope } = legendre(size, x)
    points[k] = (1 + x) / 2
    weights[k] = 1 / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}

/** The Legendre polynomial of a degree and its derivative at x in (-1, 1), by the three-term recurrence. */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let before = 1
  let value = x
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}
