import type { FilterName, RetrievalIndex } from './index-data.ts'
import type { ReachName } from './input.ts'
import { OUTCOME_NAMES, REACH_NAMES } from './input.ts'
import { FIRST_HIT_CAUSES, firstHit, reachOf } from './waits.ts'
import type { WeightedRows } from './waits.ts'

/** Probabilities in the order of the summary's horizons; null beyond what the neighbours were observed for. */
export type ByHorizon = readonly (number | null)[]

/** How soon the neighbours reached something, without forgetting those that did not. */
export interface Reach {
  /** Weighted Kaplan-Meier probability of having reached it by each horizon (closed), in [0, 1]. */
  readonly probability: ByHorizon
  /** Mean seconds to it or to `restrictedTo`, whichever is first; null without observations. */
  readonly restrictedMean: number | null
  /** The longest observation among the neighbours, seconds; null without observations. */
  readonly restrictedTo: number | null
}

/** One of {@link FIRST_HIT_CAUSES}. */
export type FirstHitCause = (typeof FIRST_HIT_CAUSES)[number]

/** One neighbour. */
export interface Neighbour {
  readonly eventId: string
  readonly tsNs: bigint
  readonly resolvedNs: bigint
  /** Session, null where unknown. */
  readonly session: string | null
  /** Values of the filters, null where unknown. */
  readonly filters: Readonly<Record<FilterName, string | null>>
  /** Euclidean, in standard scores. */
  readonly distance: number
  /** 1 / (distance + 1e-6). */
  readonly weight: number
  /** BREAK, BOUNCE or CHOP; null where undefined. */
  readonly outcome: (typeof OUTCOME_NAMES)[number] | null
  /** Dollars; null where unknown. */
  readonly strengthSigned: number | null
}

/** The summary of the neighbours of a query. null where nothing is known; nothing is NaN. */
export interface Summary {
  /** Neighbours asked for, and found. */
  readonly k: number
  readonly found: number
  /** Filters given up, 0 for none, and their names in the order in which they were. */
  readonly rung: number
  readonly dropped: readonly FilterName[]
  /** Kept features that the query lacked and whose median stood in. All lacking: no neighbours. */
  readonly missing: number
  /** Kish's effective sample size (sum w)^2 / sum w^2, in [1, found]. */
  readonly effectiveSize: number | null
  /** Weighted shares among neighbours with a defined outcome; they add up to 1. */
  readonly pBreak: number | null
  readonly pBounce: number | null
  readonly pChop: number | null
  /** Weighted shares among neighbours with outcome BREAK or BOUNCE; they add up to 1. Comparable with the trees' direction. */
  readonly pBreakGivenTradeable: number | null
  readonly pBounceGivenTradeable: number | null
  readonly pTradeable2: number | null
  /** Dollars. */
  readonly strengthSignedMean: number | null
  readonly strengthAbsMean: number | null
  /** Weighted mean seconds over neighbours that reached it: biased low, for those that did not are forgotten. See `reach`. */
  readonly timeMeans: Readonly<Record<ReachName, number | null>>
  /** Seconds that `reach` and `firstHit` give probabilities for. */
  readonly horizons: readonly number[]
  readonly reach: Readonly<Record<ReachName, Reach>>
  /** Weighted Aalen-Johansen probability that a side of threshold 1 or 2 is the first reached, by each horizon. */
  readonly firstHit: Readonly<Record<1 | 2, Readonly<Record<FirstHitCause, ByHorizon>>>>
  /** Mean of 1 / (1 + distance), in (0, 1]. It shrinks as dimensions grow: see `distancePercentile`. */
  readonly similarity: number | null
  /** Entropy of (pBreak, pBounce, pChop) over ln 3, in [0, 1]. */
  readonly entropy: number | null
  /** To the nearest and to the farthest neighbour. */
  readonly nearestDistance: number | null
  readonly farthestDistance: number | null
  /**
   * Share of training rows whose own neighbours in other sessions are at least as near as the query's, in [0, 1]: near 1,
   * the query is unlike what the index knows. Means the same at any dimension. Null without a reference.
   */
  readonly distancePercentile: number | null
  /** Nearest first; only where asked for. */
  readonly neighbours?: readonly Neighbour[]
}

/** The neighbours found, nearest first. */
export interface NearestRows extends WeightedRows {
  readonly distances: Float64Array
}

/** The part of a summary that the neighbours' outcomes decide. */
export type OutcomeSummary = Omit<
  Summary,
  'k' | 'found' | 'rung' | 'dropped' | 'missing' | 'distancePercentile' | 'neighbours'
>

/** Summarises neighbours. Cost: neighbours x log neighbours. */
export function summarise(index: RetrievalIndex, found: NearestRows, horizons: readonly number[]): OutcomeSummary {
  const { stored, resolutionSeconds } = index
  const { weights, distances } = found
  const mean = (values: Float32Array): number | null => weightedMean(found, values, 0)
  return {
    effectiveSize: effectiveSize(weights),
    ...outcomeShares(found, stored.outcome),
    pTradeable2: mean(stored.tradeable2),
    strengthSignedMean: weightedMean(found, stored.strengthSigned, -Infinity),
    strengthAbsMean: mean(stored.strengthAbs),
    timeMeans: byReach((name) => mean(stored.times[name])),
    horizons,
    reach: byReach((name) => {
      const { byCause, ...rest } = reachOf(stored, name, found, resolutionSeconds, horizons)
      return { probability: byCause[0] as ByHorizon, ...rest }
    }),
    firstHit: { 1: firstHitShares(index, 1, found, horizons), 2: firstHitShares(index, 2, found, horizons) },
    similarity: distances.length === 0 ? null : distances.reduce((sum, d) => sum + 1 / (1 + d), 0) / distances.length,
    nearestDistance: distances[0] ?? null,
    farthestDistance: distances.at(-1) ?? null,
  }
}

function byReach<T>(value: (name: ReachName) => T): Record<ReachName, T> {
  return Object.fromEntries(REACH_NAMES.map((name) => [name, value(name)])) as Record<ReachName, T>
}

function firstHitShares(
  { stored, resolutionSeconds }: RetrievalIndex,
  threshold: 1 | 2,
  found: NearestRows,
  horizons: readonly number[],
): Record<FirstHitCause, ByHorizon> {
  const { byCause } = firstHit(stored, threshold, found, resolutionSeconds, horizons)
  return Object.fromEntries(FIRST_HIT_CAUSES.map((cause, i) => [cause, byCause[i] as ByHorizon])) as Record<
    FirstHitCause,
    ByHorizon
  >
}

function effectiveSize(weights: Float64Array): number | null {
  // Over the greatest weight, so that squares stay finite.
  const most = weights[0] ?? 0
  let [sum, squares] = [0, 0]
  for (const weight of weights) {
    sum += weight / most
    squares += (weight / most) ** 2
  }
  return squares > 0 ? sum ** 2 / squares : null
}

/** The weighted mean of what is known (not NaN) and at least `least`; null where nothing is. */
function weightedMean({ rows, weights }: WeightedRows, values: Float32Array, least: number): number | null {
  let [sum, total] = [0, 0]
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i] as number] as number
    if (!(value >= least)) continue
    sum += (weights[i] as number) * value
    total += weights[i] as number
  }
  return total > 0 ? sum / total : null
}

function outcomeShares(
  { rows, weights }: WeightedRows,
  outcome: Int8Array,
): Pick<Summary, 'pBreak' | 'pBounce' | 'pChop' | 'pBreakGivenTradeable' | 'pBounceGivenTradeable' | 'entropy'> {
  const sums = new Float64Array(OUTCOME_NAMES.length)
  for (let i = 0; i < rows.length; i++) {
    const code = outcome[rows[i] as number] as number
    if (code >= 0) sums[code] = (sums[code] as number) + (weights[i] as number)
  }
  const [broke, bounced, chopped] = sums as unknown as readonly [number, number, number]
  const defined = broke + bounced + chopped
  const tradeable = broke + bounced
  return {
    pBreak: share(broke, defined),
    pBounce: share(bounced, defined),
    pChop: share(chopped, defined),
    pBreakGivenTradeable: share(broke, tradeable),
    pBounceGivenTradeable: share(bounced, tradeable),
    entropy: defined > 0 ? entropyOf(sums, defined) : null,
  }
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)

function entropyOf(sums: Float64Array, total: number): number {
  let entropy = 0
  for (const sum of sums) if (sum > 0) entropy -= (sum / total) * Math.log(sum / total)
  return Math.min(1, entropy / Math.log(OUTCOME_NAMES.length))
}
