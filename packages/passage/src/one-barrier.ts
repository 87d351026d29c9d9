import { erfc, erfcx, normalDensity } from './normal.ts'

/** A probability and its derivatives by its arguments. */
export interface HitGradient {
  readonly value: number
  readonly byDistance: number
  readonly byDrift: number
}

/**
 * P(max over [0, 1] of B(t) + m t >= d): a Brownian path with drift m reaches d within unit time,
 *
 *     hit(d, m) = N(m - d) + e^(2 m d) N(-d - m)
 *
 * (Borodin and Salminen 2002, 2.1.1.4). Units: lengths in sigma sqrt(t), drift in sqrt(t)/sigma, so one formula serves
 * every volatility and horizon. 1 where d <= 0. Relative error below 1e-12 where the result is above 1e-300: the second
 * term goes through erfcx, so that no large exponent is formed. NaN where an argument is NaN.
 */
export function hit(d: number, m: number): number {
  if (d <= 0) return 1
  return Math.min(1, 0.5 * erfc((d - m) * Math.SQRT1_2) + reflected(d, m))
}

/** e^(2 m d) N(-d - m) without overflow: where d + m > 0 as e^(-(d - m)^2 / 2) erfcx((d + m) / sqrt 2) / 2. */
export function reflected(d: number, m: number): number {
  const v = (d + m) * Math.SQRT1_2
  return v > 0 ? 0.5 * erfcx(v) * Math.exp(-0.5 * (d - m) * (d - m)) : 0.5 * erfc(v) * Math.exp(2 * m * d)
}

/**
 * {@link hit} with its derivatives: by distance -2 n(d - m) + 2 m r, by drift 2 d r, r the reflected term. 0 where d <=
 * 0.
 */
export function hitGradient(d: number, m: number): HitGradient {
  if (d <= 0) return { value: 1, byDistance: 0, byDrift: 0 }
  const r = reflected(d, m)
  return { value: hit(d, m), byDistance: 2 * (m * r - normalDensity(d - m)), byDrift: 2 * d * r }
}
