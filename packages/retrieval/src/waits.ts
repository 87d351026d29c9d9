import type { StoredRows } from './index-data.ts'
import type { ReachName } from './input.ts'
import { cumulativeIncidence } from './survival.ts'
import type { Incidence, Waits } from './survival.ts'

/** Stored rows with their weights. */
export interface Weighted {
  readonly rows: Int32Array
  readonly weights: Float64Array
}

/** Causes of {@link firstHit}, in order. */
export const FIRST_HIT_CAUSES = ['break', 'bounce', 'both'] as const

/**
 * How soon `name` was reached, over rows that had not reached it before the anchor and were observed at all. A time t known
 * to lie in [t, t + resolution) counts at its end, so a probability by h counts sure reaches only, as the trees' heads do.
 */
export function reachOf(
  stored: StoredRows,
  name: ReachName,
  { rows, weights }: Weighted,
  resolution: number,
  horizons: readonly number[],
): Incidence {
  const times = stored.times[name]
  const waits = collect(rows, weights, (row) => {
    const t = times[row] as number
    if (t < 0) return null
    return Number.isNaN(t) ? censored(stored, row) : { time: t + resolution, cause: 0 }
  })
  return cumulativeIncidence(waits, 1, horizons)
}

/**
 * Which side of a threshold is reached first: competing risks break and bounce, and `both` where the data's interval holds
 * the first reach of either side, so that their order is unknown. Rows beyond it on either side at the anchor are left out.
 */
export function firstHit(
  stored: StoredRows,
  threshold: 1 | 2,
  { rows, weights }: Weighted,
  resolution: number,
  horizons: readonly number[],
): Incidence {
  const breaks = stored.times[`break${threshold}`]
  const bounces = stored.times[`bounce${threshold}`]
  const waits = collect(rows, weights, (row) => {
    const [a, b] = [breaks[row] as number, bounces[row] as number]
    if (a < 0 || b < 0) return null
    if (Number.isNaN(a) && Number.isNaN(b)) return censored(stored, row)
    if (a === b) return { time: a + resolution, cause: 2 }
    const breakFirst = Number.isNaN(b) || a < b
    return { time: (breakFirst ? a : b) + resolution, cause: breakFirst ? 0 : 1 }
  })
  return cumulativeIncidence(waits, FIRST_HIT_CAUSES.length, horizons)
}

interface Wait {
  readonly time: number
  readonly cause: number
}

/** A row that reached nothing while it was observed; null where it was not observed at all. */
function censored({ observed }: StoredRows, row: number): Wait | null {
  const seconds = observed[row] as number
  return seconds > 0 ? { time: seconds, cause: -1 } : null
}

function collect(rows: Int32Array, weights: Float64Array, waitOf: (row: number) => Wait | null): Waits {
  const time = new Float64Array(rows.length)
  const cause = new Int8Array(rows.length)
  const weight = new Float64Array(rows.length)
  let count = 0
  for (let i = 0; i < rows.length; i++) {
    const wait = waitOf(rows[i] as number)
    if (wait === null) continue
    time[count] = wait.time
    cause[count] = wait.cause
    weight[count] = weights[i] as number
    count++
  }
  return { time: time.subarray(0, count), cause: cause.subarray(0, count), weight: weight.subarray(0, count) }
}
