import type { Bars } from '../bars/bars.ts'
import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import { minuteOf } from '../signals/day.ts'
import { planSessions } from '../signals/sessions.ts'
import type { SessionSlice } from '../signals/sessions.ts'

/** Options of {@link rangeProfile}. */
export interface RangeProfileOptions {
  /** Sessions to learn from ('YYYY-MM-DD'), training sessions alone; by default all. */
  readonly dates?: readonly string[]
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
}

/** Minutes of a whole session. */
const MINUTES = 390
/** Minutes on either side that the profile is smoothed over. */
const REACH = 7

/**
 * How volatile each minute of a session is beside the session's mean: the range of its bar by the mean range of the session's
 * bars, averaged over the sessions, then over fifteen minutes around it (fewer at the ends). 390 values above 0, by minute from
 * the open; 1 where no session has a bar near. It is fitted: known when the last of its sessions has ended. Throws Error
 * where the bars hold none of the sessions. Cost: linear in bars.
 */
export function rangeProfile(
  bars: Bars,
  { dates, calendar = newYorkCalendar() }: RangeProfileOptions = {},
): Float64Array {
  const wanted = dates === undefined ? null : new Set(dates)
  const sums = new Float64Array(MINUTES)
  const counts = new Float64Array(MINUTES)
  const slices = planSessions(bars, calendar).slices.filter(({ session }) => wanted?.has(session.date) ?? true)
  for (const slice of slices) addSession(bars, slice, { sums, counts })
  if (!counts.some((count) => count > 0)) {
    throw new Error(
      `features: bars, dates=${dates?.join(',') ?? 'all'}: no bar of these sessions. Name dates that the bars hold.`,
    )
  }
  return smoothed(sums.map((sum, slot) => sum / (counts[slot] as number)))
}

/** Adds the ranges of a session's regular bars, by their mean. Writes `sums` and `counts`. */
function addSession(
  bars: Bars,
  { session, from, to }: SessionSlice,
  { sums, counts }: { readonly sums: Float64Array; readonly counts: Float64Array },
): void {
  const openMinute = minuteOf(session.openNs)
  const slots: number[] = []
  const ranges: number[] = []
  for (let i = from; i < to; i++) {
    const slot = minuteOf(bars.ts[i] as bigint) - openMinute
    if (slot < 0) continue
    slots.push(slot)
    ranges.push((bars.high[i] as number) - (bars.low[i] as number))
  }
  const mean = ranges.reduce((sum, range) => sum + range, 0) / ranges.length
  if (!(mean > 0)) return
  for (const [i, slot] of slots.entries()) {
    sums[slot] = (sums[slot] as number) + (ranges[i] as number) / mean
    counts[slot] = (counts[slot] as number) + 1
  }
}

function smoothed(values: Float64Array): Float64Array {
  return values.map((_, slot) => {
    const near = values.subarray(Math.max(0, slot - REACH), slot + REACH + 1).filter((value) => !Number.isNaN(value))
    const mean = near.reduce((sum, value) => sum + value, 0) / near.length
    return mean > 0 ? mean : 1
  })
}
