import type { StoredRows } from './index-data.ts'
import type { ReachName } from './input.ts'
import { weightedIncidence } from './weighted-incidence.ts'
import type { Incidence, Waits } from './weighted-incidence.ts'

/** Stored rows with their weights. */
export interface WeightedRows {
  readonly rows: Int32Array
  readonly weights: Float64Array
}

/** Causes of {@link firstHit}, in order. */
export const FIRST_HIT_CAUSES = ['break', 'bounce', 'both'] as const

const CENSORED = 0
const CAUSE = { break: 1, bounce: 2, both: 3 } as const

/**
 * How soon `name` was reached, over rows that had not reached it before the anchor and were observed at all. A time t known
 * to lie in [t, t + resolution) counts at its end, so a probability by h counts sure reaches only, as the trees' heads do.
 */
export function reachOf(
  stored: StoredRows,
  name: ReachName,
  { rows, weights }: WeightedRows,
  resolution: number,
  horizons: readonly number[],
): Incidence {
  const times = stored.times[name]
  const waits = beginWaits()
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const t = times[row] as number
    if (t >= 0) addWait(waits, t + resolution, 1, weights[i] as number)
    else if (Number.isNaN(t)) addCensored(waits, stored, row, weights[i] as number)
  }
  return weightedIncidence(waits, 1, horizons)
}

/**
 * Which side of a threshold is reached first: competing risks break and bounce, and `both` where the data's interval holds
 * the first reach of either side, so that their order is unknown. Rows beyond it on either side at the anchor are left out.
 */
export function firstHit(
  stored: StoredRows,
  threshold: 1 | 2,
  { rows, weights }: WeightedRows,
  resolution: number,
  horizons: readonly number[],
): Incidence {
  const breaks = stored.times[`break${threshold}`]
  const bounces = stored.times[`bounce${threshold}`]
  const waits = beginWaits()
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const weight = weights[i] as number
    const [a, b] = [breaks[row] as number, bounces[row] as number]
    if (a < 0 || b < 0) continue
    if (a === b) addWait(waits, a + resolution, CAUSE.both, weight)
    else if (a < b || (Number.isNaN(b) && a >= 0)) addWait(waits, a + resolution, CAUSE.break, weight)
    else if (b >= 0) addWait(waits, b + resolution, CAUSE.bounce, weight)
    else addCensored(waits, stored, row, weight)
  }
  return weightedIncidence(waits, FIRST_HIT_CAUSES.length, horizons)
}

interface WaitsSoFar extends Waits {
  readonly time: number[]
  readonly cause: number[]
  readonly weight: number[]
}

const beginWaits = (): WaitsSoFar => ({ time: [], cause: [], weight: [] })

function addWait(waits: WaitsSoFar, time: number, cause: number, weight: number): void {
  waits.time.push(time)
  waits.cause.push(cause)
  waits.weight.push(weight)
}

/** A row that reached nothing while it was observed; one that was not observed at all contributes nothing. */
function addCensored(waits: WaitsSoFar, { observed }: StoredRows, row: number, weight: number): void {
  const seconds = observed[row] as number
  if (seconds > 0) addWait(waits, seconds, CENSORED, weight)
}
