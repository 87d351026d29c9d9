/** Halvings of the angle between the ends of the search: more change no bit. */
const STEPS = 60

/**
 * Quantile of Student's t distribution with `degrees` degrees of freedom (a whole number from 1) at p in (0.5, 1): the t with P(T <= t) = p. By
 * bisection of the angle atan(t / sqrt(degrees)) in the finite series of the distribution function (Abramowitz and Stegun 26.7.3 and 26.7.4), to
 * 1e-12 of t. Throws RangeError elsewhere. O(degrees).
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0.5 && p < 1)) throw new RangeError(`calibration: p=${p}: must lie above 0.5 and below 1.`)
  if (!Number.isInteger(degrees) || degrees < 1)
    throw new RangeError(`calibration: degrees=${degrees}: must be a whole number of at least 1.`)
  let [low, high] = [0, Math.PI / 2]
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (within(middle, degrees) < 2 * p - 1) low = middle
    else high = middle
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2)
}

/** P(|T| <= t) at the angle atan(t / sqrt(degrees)). */
function within(angle: number, degrees: number): number {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = 0
  // Odd: cos + 2/3 cos^3 + 2 4 / (3 5) cos^5 + ...; even: 1 + 1/2 cos^2 + 1 3 / (2 4) cos^4 + ..., up to cos^(degrees - 2).
  for (let power = isOdd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term
    term *= (cosine * cosine * (power + 1)) / (power + 2)
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
}
