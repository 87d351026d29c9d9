import { expectedMaximum } from './extremes.ts'
import { hit, hitGradient } from './one-barrier.ts'

/** Nodes of hit per unit of scaled distance. The cubic between two is off by at most (1/32)^4 |f''''| / 384 < 1e-8. */
const HIT_NODES = 32
/** The expected excess bends on the scale of 1 / 2|m| where the drift leads away: at 96 it was off by 1.2e-7 for windows of over an hour. */
const EXCESS_NODES = 160
/** How far beyond the drift a table goes: hit is below 1e-13 from there on, and taken as 0. */
const REACH = 7.5

/**
 * Functions of scaled distance d >= 0 at fixed drifts, as cubic Hermite pieces through value and exact derivative:
 * `data` holds, from `starts[t]` on, pairs (value, derivative / density) of table t; from its last node on it is 0.
 * Table errors are relative in the tails, so that ratios of small probabilities keep five digits.
 */
export interface Tables {
  /** Nodes per unit of distance. */
  readonly density: number
  readonly data: Float64Array
  readonly starts: Int32Array
  readonly nodes: Int32Array
}

/** Tables of hit(d, m), one for each drift m >= 0. */
export const hitTables: (drifts: readonly number[]) => Tables = kept((drifts) =>
  tabulate(HIT_NODES, drifts, (d, m) => {
    if (d === 0) return [1, limitSlope(m)]
    const { value, byDistance } = hitGradient(d, m)
    return [value, byDistance]
  }),
)

/** Tables of the expected excess of the maximum over c = d, one for each drift, of either sign. */
export const excessTables: (drifts: readonly number[]) => Tables = kept((drifts) =>
  tabulate(EXCESS_NODES, drifts, (c, m) => [expectedMaximum(c, m) - c, -hit(c, m)]),
)

/** Tables that are kept: those of a few surfaces. */
const MOST_KEPT = 4

/**
 * Keeps the tables of the last few lists of drifts. Every surface of the same experts and times asks for the same ones, a fit for a dozen
 * surfaces, and nobody writes to them.
 */
function kept(make: (drifts: readonly number[]) => Tables): (drifts: readonly number[]) => Tables {
  const tables = new Map<string, Tables>()
  return (drifts) => {
    const key = drifts.join(' ')
    const found = tables.get(key) ?? make(drifts)
    tables.delete(key)
    tables.set(key, found)
    for (const oldest of tables.keys()) if (tables.size > MOST_KEPT) tables.delete(oldest)
    return found
  }
}

/** The slope of hit from the right at distance 0, where the barrier is about to be passed. */
function limitSlope(m: number): number {
  return hitGradient(Number.MIN_VALUE, m).byDistance
}

function tabulate(
  density: number,
  drifts: readonly number[],
  f: (d: number, m: number) => readonly [value: number, slope: number],
): Tables {
  const nodes = Int32Array.from(drifts, (m) => Math.ceil((Math.max(0, m) + REACH) * density) + 1)
  const starts = new Int32Array(drifts.length)
  for (let t = 1; t < drifts.length; t++) starts[t] = (starts[t - 1] as number) + 2 * (nodes[t - 1] as number)
  const data = new Float64Array(nodes.reduce((sum, count) => sum + 2 * count, 0))
  for (const [t, m] of drifts.entries()) {
    for (let i = 0; i < (nodes[t] as number); i++) {
      const [value, slope] = f(i / density, m)
      const at = (starts[t] as number) + 2 * i
      data[at] = value
      data[at + 1] = slope / density
    }
  }
  return { density, data, starts, nodes }
}

/** Table t at distance d >= 0. */
export function lookUp({ density, data, starts, nodes }: Tables, t: number, d: number): number {
  const u = d * density
  if (!(u < (nodes[t] as number) - 1)) return 0
  const i = Math.trunc(u)
  const f = u - i
  return cubic(data, (starts[t] as number) + 2 * i, f)
}

/** The cubic Hermite piece through the pairs (value, slope a node) at `at` and after it, a share `f` in [0, 1) of the way. */
export function cubic(data: Float64Array, at: number, f: number): number {
  const a = data[at] as number
  const slopeA = data[at + 1] as number
  const b = data[at + 2] as number
  const slopeB = data[at + 3] as number
  const rise = b - a
  return a + f * (slopeA + f * (3 * rise - 2 * slopeA - slopeB + f * (slopeA + slopeB - 2 * rise)))
}
