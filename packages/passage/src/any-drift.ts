import { cubic } from './hit-table.ts'
import { erfcx, normalDensity } from './normal.ts'

/** Nodes per unit. Cubic pieces between them are off by at most (1/128)^4 |f''''| / 384 < 1e-10. */
const NODES = 128
/** Beyond this a normal tail is below 1e-13 and taken as 0, as the tables of fixed drifts do. */
const REACH = 7.5
/** The Mills ratio is tabulated up to here, and its asymptotic series is exact to 1e-8 of itself beyond. */
const MILLS_REACH = 24
/** Drift below which a difference of Mills ratios is taken by its derivatives. */
const SMALL_DRIFT = 0.02

/** A function of z >= 0 as cubic Hermite pieces: pairs (value, slope / NODES). */
function tabulate(reach: number, f: (z: number) => readonly [value: number, slope: number]): Float64Array {
  const nodes = Math.ceil(reach * NODES) + 2
  const data = new Float64Array(2 * nodes)
  for (let i = 0; i < nodes; i++) {
    const [value, slope] = f(i / NODES)
    data[2 * i] = value
    data[2 * i + 1] = slope / NODES
  }
  return data
}

/** N(-z) / (sqrt(2 pi) n(z)), half of erfcx(z / sqrt 2): what the normal tail is beside e^(-z^2 / 2). */
const ratio = (z: number): number => 0.5 * erfcx(z * Math.SQRT1_2)
const ratioSlope = (z: number): number => z * ratio(z) - normalDensity(0)

const MILLS = tabulate(MILLS_REACH, (z) => [ratio(z), ratioSlope(z)])
const BELL = tabulate(REACH, (z) => [Math.exp(-0.5 * z * z), -z * Math.exp(-0.5 * z * z)])

function lookUp(data: Float64Array, z: number): number {
  const u = z * NODES
  const i = Math.trunc(u)
  return cubic(data, 2 * i, u - i)
}

/** The Mills ratio at z >= 0. */
function mills(z: number): number {
  if (z < MILLS_REACH) return lookUp(MILLS, z)
  const square = 1 / (z * z)
  return (normalDensity(0) / z) * (1 - square + 3 * square * square)
}

/**
 * `hit` of distance d > 0 and any drift m >= 0, from tables of the two functions that it is made of: with g = e^(-z^2 / 2) and the
 * Mills ratio M, z = |d - m|,
 *
 *     hit = g(z) (M(z) + M(d + m))      d >= m
 *     hit = 1 - g(z) (M(z) - M(d + m))  d < m
 *
 * Off by less than 1e-9, and relatively in the tail; 0 from 7.5 beyond the drift on. About three times the cost of a table that is
 * made for its drift.
 */
export function hitAnyDrift(d: number, m: number): number {
  const z = d - m
  if (z >= REACH) return 0
  if (z <= -REACH) return 1
  return z >= 0
    ? lookUp(BELL, z) * (lookUp(MILLS, z) + mills(d + m))
    : 1 - lookUp(BELL, -z) * (lookUp(MILLS, -z) - mills(d + m))
}

/**
 * By how much the maximum of a path with any drift m, of either sign, is expected to exceed c >= 0 above its start: z N(z) + n(z) +
 * [N(z) - e^(2mc) N(-c - m)] / 2m with z = m - c. Off by less than 1e-8. 0 from 7.5 beyond the drift on, either way.
 */
export function excessAnyDrift(c: number, m: number): number {
  const z = m - c
  // Under a strong drift back, what is left near the start is the second term alone.
  if (z <= -REACH && c + m >= 0) return 0
  const bell = z < REACH && z > -REACH ? lookUp(BELL, Math.abs(z)) : 0
  const tail = bell === 0 ? 0 : bell * lookUp(MILLS, Math.abs(z))
  const below = z > 0 ? 1 - tail : tail
  const call = z * below + normalDensity(0) * bell
  return Math.max(0, call + difference(c, m, bell, below))
}

/** [N(m - c) - e^(2mc) N(-c - m)] / 2m, where bell = e^(-(m - c)^2 / 2) and below = N(m - c). */
function difference(c: number, m: number, bell: number, below: number): number {
  if (Math.abs(m) < SMALL_DRIFT) {
    // Both terms are the bell times a Mills ratio, at c - m and c + m: an odd difference, by its first two derivatives.
    const slope = c * mills(c) - normalDensity(0)
    const third = slope * (c * c + 2) + c * mills(c)
    return -bell * (slope + (m * m * third) / 6)
  }
  const far = c + m
  const reflected = far >= 0 ? bell * mills(far) : Math.exp(2 * m * c) * (1 - reflectedTail(-far))
  return (below - reflected) / (2 * m)
}

/** N(-z) of z >= 0. */
const reflectedTail = (z: number): number => (z >= REACH ? 0 : lookUp(BELL, z) * lookUp(MILLS, z))
