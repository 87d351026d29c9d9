import { normalCdf, normalDensity } from './normal.ts'
import { reflected } from './one-barrier.ts'

/** Below this drift the closed form loses digits and its expansion to the third order is exact to 1e-13. */
const SMALL_DRIFT = 1e-3

/**
 * E[max(c, max over [0, 1] of B(t) + m t)], c >= 0: the expected maximum of a path that has already been c above where
 * it stands, c + the integral of hit(x, m) from c on:
 *
 *     c + (m - c) N(m - c) + n(m - c) + [N(m - c) - e^(2mc) N(-c - m)] / 2m
 *
 * Units as in {@link hit}: the result is a length in sigma sqrt(t). 0.7979 for c = m = 0. The expected minimum is that
 * of -m, downwards.
 */
export function expectedMaximum(c: number, m: number): number {
  return c + excess(c, m)
}

/** The integral of hit(x, m) over x from c >= 0 on: by how much the maximum is expected to exceed c. */
function excess(c: number, m: number): number {
  const z = m - c
  return Math.max(0, callValue(z) + difference(c, m))
}

/**
 * z N(z) + n(z), the expected positive part of a normal variable with mean z. Positive; its tail keeps 1e-10 of n(z).
 */
function callValue(z: number): number {
  return Math.max(0, z * normalCdf(z) + normalDensity(z))
}

/** [N(m - c) - e^(2mc) N(-c - m)] / 2m, by its expansion in m near 0: the bracket times e^(-mc) is odd in m. */
function difference(c: number, m: number): number {
  if (Math.abs(m) >= SMALL_DRIFT) return (normalCdf(m - c) - reflected(c, m)) / (2 * m)
  const tail = normalCdf(-c)
  const density = normalDensity(c)
  const linear = density - c * tail
  const cubic = density * (c * c - 1) - c * c * c * tail
  return Math.exp(m * c) * (linear + (m * m * cubic) / 6)
}
