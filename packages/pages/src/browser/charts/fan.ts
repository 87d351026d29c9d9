/** Where price stands and how likely it reaches each threshold by each horizon, for one level. */
export interface FanInput {
  /** Dollars of price beyond the level: negative on the side that price came from. */
  readonly displacement: number
  /** Rising. */
  readonly thresholds: readonly number[]
  /** Seconds ahead, rising. */
  readonly horizons: readonly number[]
  /** P(price is beyond the level by thresholds[i] within horizons[j]), at [i][j]; null where not known. */
  readonly beyond: readonly (readonly (number | null)[])[]
  /** P(price is before the level by thresholds[i] within horizons[j]). */
  readonly back: readonly (readonly (number | null)[])[]
}

/** How far price goes with a probability. */
export interface FanBand {
  readonly probability: number
  /** By horizon, from now: dollars beyond the level that price reaches with this probability on the break side. */
  readonly beyond: readonly FanPoint[]
  readonly back: readonly FanPoint[]
}

/** A point of a band. */
export interface FanPoint {
  readonly seconds: number
  /** Dollars beyond the level. */
  readonly displacement: number
}

/** Probabilities of the bands, widest first. */
export const FAN_PROBABILITIES: readonly number[] = [0.1, 0.25, 0.5]

/**
 * The bands of a fan, one per probability q, widest first: by each horizon, the farthest price that is reached with
 * probability q or more. What is published are probabilities at thresholds; between them, and between where price stands
 * (reached for certain) and the first, log probability is interpolated over the distance, as an exponential tail. Nothing is
 * extrapolated: a band ends at the last threshold where that is still as likely as q. A side without any probability at a
 * horizon has no point there.
 */
export function fanBands(input: FanInput): FanBand[] {
  return FAN_PROBABILITIES.map((probability) => ({
    probability,
    beyond: sidePoints(input, probability, 1),
    back: sidePoints(input, probability, -1),
  }))
}

function sidePoints(input: FanInput, probability: number, side: 1 | -1): FanPoint[] {
  const { displacement, thresholds, horizons } = input
  const table = side === 1 ? input.beyond : input.back
  // Distances on this side of the level: price stands at `from`, thresholds lie at their own distance.
  const from = displacement * side
  const points: FanPoint[] = [{ seconds: 0, displacement }]
  for (const [j, seconds] of horizons.entries()) {
    const known = thresholds.flatMap((at, i) => {
      const p = table[i]?.[j] ?? null
      return p === null || at <= from ? [] : [{ at, p }]
    })
    if (known.length === 0) continue
    points.push({ seconds, displacement: side * reached(from, known, probability) })
  }
  return points.length === 1 ? [] : points
}

function reached(from: number, known: readonly { at: number; p: number }[], probability: number): number {
  let [at, log] = [from, 0]
  const goal = Math.log(probability)
  for (const next of known) {
    const nextLog = Math.min(log, Math.log(Math.max(next.p, 1e-9)))
    if (nextLog < goal) return at + ((next.at - at) * (log - goal)) / (log - nextLog)
    ;[at, log] = [next.at, nextLog]
  }
  return at
}
