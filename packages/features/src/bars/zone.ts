/**
 * Wall clocks of IANA time zones, by Intl. An offset can change only at a multiple of 15 minutes of UTC (true of every
 * zone since 1972), so one Intl call per quarter of an hour serves all times within it.
 */

/** Seconds, not milliseconds: 900 s is the span within which a zone's offset is constant. */
const SPAN_S = 900
const DAY_S = 86_400

/** Reads the wall clock of one zone. Times are whole seconds since 1970: `utc` absolute, `local` as the wall shows it. */
export interface ZoneClock {
  readonly zone: string
  /** Seconds east of UTC at an absolute time. */
  offsetAt(utc: number): number
  /** The absolute times at which the wall shows `local`: none (skipped), one, or two (repeated), in time order. */
  instantsOf(local: number): readonly number[]
}

function longOffsetFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch (cause) {
    throw new RangeError(
      `features: timezone=${JSON.stringify(zone)}: not an IANA time zone. Use a name such as America/New_York.`,
      { cause },
    )
  }
}

function parseOffset(text: string): number {
  const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text)
  if (match === null) throw new Error(`features: timezone: unreadable offset ${JSON.stringify(text)}. Report this.`)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -size : size
}

/**
 * A clock of the IANA zone `zone`. Answers are the same whatever the machine's own zone is. Throws RangeError for an
 * unknown name. Cost: a few microseconds per new quarter of an hour, then a map look-up.
 */
export function zoneClock(zone: string): ZoneClock {
  const format = longOffsetFormat(zone)
  const known = new Map<number, number>()
  const offsetAt = (utc: number): number => {
    const span = Math.floor(utc / SPAN_S)
    const seen = known.get(span)
    if (seen !== undefined) return seen
    const offset = parseOffset(format.format(span * SPAN_S * 1000))
    known.set(span, offset)
    return offset
  }
  const instantsOf = (local: number): readonly number[] => {
    const offsets = new Set([offsetAt(local - DAY_S), offsetAt(local + DAY_S)])
    const found = [...offsets].map((offset) => local - offset)
    return found.filter((utc) => utc + offsetAt(utc) === local).toSorted((a, b) => a - b)
  }
  return { zone, offsetAt, instantsOf }
}
