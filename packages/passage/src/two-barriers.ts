import { hit } from './one-barrier.ts'

/**
 * Width of the band, in sigma sqrt(t), from which on images are summed, and below which eigenfunctions. At the switch
 * both need few terms; both hold to 1e-15 there.
 */
export const IMAGES_FROM = 1.5
/** Pairs of images: the next would add less than e^-50. */
export const MOST_IMAGES = 4
/** Share of the sum below which an image changes no digit. */
const NEGLIGIBLE = 1e-17
/** Eigenfunctions: the next would add less than e^-100. */
export const MOST_WAVES = 6
/** Below this |m| W the expansion of {@link ever} in m holds to 1e-16. */
export const SMALL_DRIFT = 1e-4

/**
 * P(the path leaves (-y, x) through x within unit time): B(t) + m t reaches x before -y, x distance up, y distance
 * down, units as in {@link hit}. With W = x + y and m >= 0
 *
 *     sum over n of e^(-2nWm) hit(x + 2nW, m) - e^(-2m(nW - x)) hit(2nW - x, m),   n = 0, 1, 2, ... (no second term at 0)
 *
 * where W >= 1.5, with m < 0 that of |m| times e^(2mx); else by eigenfunctions of the band, k' = k pi / W,
 *
 *     P(ever) - sum over k of (-1)^(k+1) (2 k' / W) sin(k' y) e^(mx - (k'^2 + m^2)/2) / (k'^2 + m^2)
 *
 * (Borodin and Salminen 2002, 2.3.0.2). Every factor is at most 1, so nothing overflows; absolute error below 1e-13. 1
 * where x <= 0, else 0 where y <= 0.
 */
export function first(x: number, y: number, m: number): number {
  if (x <= 0) return 1
  if (y <= 0) return 0
  const value = x + y >= IMAGES_FROM ? byImages(x, y, m) : byWaves(x, y, m)
  return Math.min(1, Math.max(0, value))
}

/**
 * P(the path leaves (-y, x) within unit time), through either side: at least each side's {@link hit}, at most their
 * sum.
 */
export function either(x: number, y: number, m: number): number {
  if (x <= 0 || y <= 0) return 1
  const sum = first(x, y, m) + first(y, x, -m)
  const up = hit(x, m)
  const down = hit(y, -m)
  return Math.min(1, up + down, Math.max(up, down, sum))
}

function byImages(x: number, y: number, m: number): number {
  const drift = Math.abs(m)
  const width = x + y
  const across = Math.exp(-2 * drift * width)
  const back = Math.exp(-2 * drift * y)
  let sum = hit(x, drift)
  let factor = 1
  for (let n = 1; n <= MOST_IMAGES; n++) {
    const opposite = factor * back * hit(2 * n * width - x, drift)
    // What follows is smaller still.
    if (opposite < NEGLIGIBLE * sum) break
    sum -= opposite
    factor *= across
    sum += factor * hit(2 * n * width + x, drift)
  }
  return m < 0 ? Math.exp(2 * m * x) * sum : sum
}

function byWaves(x: number, y: number, m: number): number {
  const width = x + y
  let late = 0
  for (let k = MOST_WAVES; k >= 1; k--) {
    const wave = (k * Math.PI) / width
    const rate = wave * wave + m * m
    const sign = k % 2 === 0 ? -1 : 1
    late += (sign * wave * Math.sin(wave * y) * Math.exp(m * x - 0.5 * rate)) / rate
  }
  return ever(x, y, m) - (2 / width) * late
}

/** P(x is reached before -y), without limit of time: e^(mx) sinh(my) / sinh(mW). */
function ever(x: number, y: number, m: number): number {
  const width = x + y
  if (Math.abs(m) * width < SMALL_DRIFT) {
    return (y / width) * Math.exp(m * x) * (1 - (m * m * x * (x + 2 * y)) / 6)
  }
  if (m > 0) return Math.expm1(-2 * m * y) / Math.expm1(-2 * m * width)
  return (Math.exp(2 * m * x) * Math.expm1(2 * m * y)) / Math.expm1(2 * m * width)
}
