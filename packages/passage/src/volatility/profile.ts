import { barAt, checkBar, checkMinutes, type SessionBars } from './bars.ts'

/** Half the width of the window that smooths a profile, in minutes. */
const HALF_WINDOW = 7

/**
 * The usual range of each minute of the session over the session's mean range, averaged over sessions and smoothed over
 * 15 minutes (fewer at the ends). Minutes that no session has take the nearest profile before them, 1 where there is
 * none. One number a minute of the longest session, all positive. Throws on bars out of range and where no session has
 * a range.
 */
export function fitProfile(sessions: readonly SessionBars[]): number[] {
  const minutes = sessions.reduce((most, session) => Math.max(most, session.minutes), 0)
  const sums = new Float64Array(minutes)
  const counts = new Float64Array(minutes)
  for (const session of sessions) addSession(session, sums, counts)
  if (!counts.some((count) => count > 0)) {
    throw new RangeError('passage: sessions=[]: none has a bar with high above low. Pass one-minute bars.')
  }
  const raw = sums.map((sum, i) => sum / (counts[i] as number))
  const profile: number[] = []
  for (let i = 0; i < minutes; i++) {
    const mean = meanAround(raw, i)
    profile.push(mean > 0 ? mean : (profile[i - 1] ?? 1))
  }
  return profile
}

function addSession(session: SessionBars, sums: Float64Array, counts: Float64Array): void {
  checkMinutes(session.minutes)
  let total = 0
  let last = -1
  const bars = session.minute.length
  for (let r = 0; r < bars; r++) {
    const bar = barAt(session, r)
    checkBar(bar, last, session.minutes)
    last = bar.minute
    total += bar.high - bar.low
  }
  if (total === 0) return
  for (let r = 0; r < bars; r++) {
    const { minute, high, low } = barAt(session, r)
    sums[minute] = (sums[minute] as number) + ((high - low) * bars) / total
    counts[minute] = (counts[minute] as number) + 1
  }
}

/** Mean of the numbers within the window around i that are not NaN; NaN where there is none. */
function meanAround(raw: Float64Array, i: number): number {
  const window = raw.subarray(Math.max(0, i - HALF_WINDOW), i + HALF_WINDOW + 1).filter((value) => !Number.isNaN(value))
  return window.reduce((sum, value) => sum + value, 0) / window.length
}
