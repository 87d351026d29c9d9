import { hitGradient } from './one-barrier.ts'
import { first, IMAGES_FROM, MOST_IMAGES, MOST_WAVES, SMALL_DRIFT } from './two-barriers.ts'

/** {@link first} and its derivatives. */
export interface FirstGradient {
  readonly value: number
  /** By the distance up, x. */
  readonly byUp: number
  /** By the distance down, y. */
  readonly byDown: number
  /** By the drift m, at fixed volatility. */
  readonly byDrift: number
  /**
   * By the logarithm of the volatility where barriers and drift are fixed in price: x, y and m all fall as 1/sigma, so
   * -(x byUp + y byDown + m byDrift).
   */
  readonly byLogVolatility: number
}

/** A value with its derivatives by x, y and m, while a sum of them is formed. */
type Terms = [value: number, x: number, y: number, m: number]

/** {@link first} with its analytic derivatives. All 0 where x <= 0 or y <= 0, where the value does not move. */
export function firstGradient(x: number, y: number, m: number): FirstGradient {
  if (x <= 0 || y <= 0) {
    return { value: first(x, y, m), byUp: 0, byDown: 0, byDrift: 0, byLogVolatility: 0 }
  }
  const [, byUp, byDown, byDrift] = x + y >= IMAGES_FROM ? byImages(x, y, m) : byWaves(x, y, m)
  const byLogVolatility = -(x * byUp + y * byDown + m * byDrift)
  return { value: first(x, y, m), byUp, byDown, byDrift, byLogVolatility }
}

function byImages(x: number, y: number, m: number): Terms {
  const sum = images(x, y, Math.abs(m))
  return m < 0 ? mirrored(sum, x, m) : sum
}

/**
 * The sum for a drift m >= 0: each term is sign e^l hit(d, m), whose three derivatives follow from those of l and d.
 */
function images(x: number, y: number, m: number): Terms {
  const sum: Terms = [0, 0, 0, 0]
  const width = x + y
  addImage(sum, 1, { l: [0, 0, 0, 0], d: [x, 1, 0], m })
  for (let n = 1; n <= MOST_IMAGES; n++) {
    const short = (n - 1) * width + y
    const odd = { l: [-2 * m * short, -2 * m * (n - 1), -2 * m * n, -2 * short] as Terms, m }
    addImage(sum, -1, { ...odd, d: [2 * n * width - x, 2 * n - 1, 2 * n] })
    const even = { l: [-2 * m * n * width, -2 * m * n, -2 * m * n, -2 * n * width] as Terms, m }
    addImage(sum, 1, { ...even, d: [2 * n * width + x, 2 * n + 1, 2 * n] })
  }
  return sum
}

interface Image {
  /** Logarithm of the factor, with its derivatives. */
  readonly l: Terms
  /** Distance, with its derivatives by x and y. */
  readonly d: readonly [value: number, x: number, y: number]
  readonly m: number
}

function addImage(sum: Terms, sign: number, { l, d, m }: Image): void {
  const { value, byDistance, byDrift } = hitGradient(d[0], m)
  const factor = sign * Math.exp(l[0])
  sum[0] += factor * value
  sum[1] += factor * (value * l[1] + byDistance * d[1])
  sum[2] += factor * (value * l[2] + byDistance * d[2])
  sum[3] += factor * (value * l[3] + byDrift)
}

/** e^(2mx) times a function of (x, y, |m|), for m < 0. */
function mirrored(terms: Terms, x: number, m: number): Terms {
  const factor = Math.exp(2 * m * x)
  const [value, byX, byY, byM] = terms
  return [factor * value, factor * (2 * m * value + byX), factor * byY, factor * (2 * x * value - byM)]
}

function byWaves(x: number, y: number, m: number): Terms {
  const width = x + y
  const late = waves(x, y, m)
  const all = everGradient(x, y, m)
  const scale = 2 / width
  const byWidth = (scale / width) * late[0]
  return [
    all[0] - scale * late[0],
    all[1] - scale * late[1] + byWidth,
    all[2] - scale * late[2] + byWidth,
    all[3] - scale * late[3],
  ]
}

function waves(x: number, y: number, m: number): Terms {
  const sum: Terms = [0, 0, 0, 0]
  const width = x + y
  for (let k = MOST_WAVES; k >= 1; k--) {
    const wave = (k * Math.PI) / width
    const rate = wave * wave + m * m
    const factor = ((k % 2 === 0 ? -1 : 1) * Math.exp(m * x - 0.5 * rate)) / rate
    const sine = factor * Math.sin(wave * y)
    const cosine = factor * Math.cos(wave * y)
    const term = wave * sine
    const byWave = sine + wave * y * cosine - term * wave * (1 + 2 / rate)
    sum[0] += term
    sum[1] += term * m - (byWave * wave) / width
    sum[2] += wave * wave * cosine - (byWave * wave) / width
    sum[3] += term * (x - m * (1 + 2 / rate))
  }
  return sum
}

function everGradient(x: number, y: number, m: number): Terms {
  const width = x + y
  const drift = Math.abs(m)
  if (drift * width < SMALL_DRIFT) {
    const value = (y / width) * Math.exp(m * x) * (1 - (m * m * x * (x + 2 * y)) / 6)
    const byX = m - 1 / width - (m * m * width) / 3
    return [value, value * byX, value * (1 / y - 1 / width - (m * m * x) / 3), value * (x - (m * x * (x + 2 * y)) / 3)]
  }
  const value = Math.expm1(-2 * drift * y) / Math.expm1(-2 * drift * width)
  const byY = bernoulli(2 * drift * y)
  const byWidth = bernoulli(2 * drift * width)
  const terms: Terms = [
    value,
    (-value * byWidth) / width,
    value * (byY / y - byWidth / width),
    (value * (byY - byWidth)) / drift,
  ]
  return m < 0 ? mirrored(terms, x, m) : terms
}

/** z / (e^z - 1). */
const bernoulli = (z: number): number => z / Math.expm1(z)
