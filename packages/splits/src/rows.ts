import { WalkForwardViolationError } from './errors.ts'

/** Dates by row: one string per row, or codes into a dictionary (`dictionary[codes[i]]`), as a string column has them. */
export type RowDates = readonly string[] | { readonly codes: Int32Array; readonly dictionary: readonly string[] }

/**
 * The rows to split, in any order; nothing is written to. For a plan from a bare list of sessions, pass that list as
 * `dates`: each date then counts as one row.
 */
export interface SplitRows {
  /** Session of each row, 'YYYY-MM-DD' in New York time. */
  readonly dates: RowDates
  /** When each row begins, in nanoseconds since 1970 UTC. Needed to purge; given together with `labelEndNs`. */
  readonly startNs?: BigInt64Array
  /**
   * The first nanosecond that the row's label no longer depends on (an exclusive end). A missing value, the least
   * 64-bit integer, means that the row has no label: it is never purged.
   */
  readonly labelEndNs?: BigInt64Array
}

/** Start and exclusive label end of each row, in nanoseconds. */
export interface RowTimes {
  readonly start: BigInt64Array
  readonly labelEnd: BigInt64Array
}

/** Rows by session: `sessions` rises strictly, row i belongs to `sessions[codes[i]]`. */
export interface SessionIndex {
  readonly sessions: readonly string[]
  readonly codes: Int32Array
  readonly times: RowTimes | null
  /** Earliest start of each session, in nanoseconds; empty without times. */
  readonly firstStart: BigInt64Array
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/
const MISSING_NS = -(2n ** 63n)
const LATEST_NS = 2n ** 63n - 1n
/** Code of a dictionary entry that no row uses; no row has it. */
const UNUSED = -1

/** Throws unless `date` is a day of the calendar written as 'YYYY-MM-DD'; `argument` names it in the message. */
export function checkDate(argument: string, date: string): void {
  const time = ISO_DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(date)) return
  throw new RangeError(`splits: ${argument}=${JSON.stringify(date)}: must be a date. Write it as YYYY-MM-DD.`)
}

/**
 * Checks the rows and sorts their dates into sessions. O(rows + sessions log sessions).
 * Dictionary entries that no row uses are not sessions.
 */
export function indexSessions(rows: SplitRows): SessionIndex {
  const { codes, dictionary } = 'codes' in rows.dates ? rows.dates : encode(rows.dates)
  if (codes.length === 0) throw new RangeError('splits: rows.dates=[]: must have at least one row. Is the data empty?')
  const used = usedEntries(codes, dictionary)
  const sessions = [...new Set(used)].toSorted()
  for (const date of sessions) checkDate('rows.dates', date)
  const position = new Map(sessions.map((date, index) => [date, index]))
  const rank = Int32Array.from(dictionary, (date) => position.get(date) ?? UNUSED)
  const index = { sessions, codes: codes.map((code) => rank[code] ?? UNUSED), times: rowTimes(rows, codes.length) }
  return { ...index, firstStart: sessionStarts(index) }
}

function encode(dates: readonly string[]): { codes: Int32Array; dictionary: readonly string[] } {
  const known = new Map<string, number>()
  const codes = Int32Array.from(dates, (date) => {
    const code = known.get(date) ?? known.size
    known.set(date, code)
    return code
  })
  return { codes, dictionary: [...known.keys()] }
}

function usedEntries(codes: Int32Array, dictionary: readonly string[]): string[] {
  const used = new Uint8Array(dictionary.length)
  for (const [row, code] of codes.entries()) {
    if (code >= 0 && code < dictionary.length) used[code] = 1
    else
      throw new RangeError(`splits: rows.dates.codes[${row}]=${code}: every row needs a date. Drop or repair the row.`)
  }
  return dictionary.filter((_, code) => used[code] === 1)
}

function rowTimes({ startNs, labelEndNs }: SplitRows, rows: number): RowTimes | null {
  if (startNs === undefined && labelEndNs === undefined) return null
  if (startNs === undefined || labelEndNs === undefined) {
    const missing = startNs === undefined ? 'startNs' : 'labelEndNs'
    throw new TypeError(`splits: rows.${missing}=undefined: purging needs both times. Pass startNs and labelEndNs.`)
  }
  for (const [name, times] of [['startNs', startNs] as const, ['labelEndNs', labelEndNs] as const]) {
    if (times.length === rows) continue
    throw new RangeError(`splits: rows.${name}.length=${times.length}: must be one per row. There are ${rows} rows.`)
  }
  const missing = startNs.indexOf(MISSING_NS)
  if (missing !== -1) throw new RangeError(`splits: rows.startNs[${missing}]: is missing. Drop or repair the row.`)
  return { start: startNs, labelEnd: labelEndNs }
}

/** Earliest start by session; throws where a session begins before the one before it has begun its last row. */
function sessionStarts({ sessions, codes, times }: Omit<SessionIndex, 'firstStart'>): BigInt64Array {
  if (times === null) return new BigInt64Array()
  const first = new BigInt64Array(sessions.length).fill(LATEST_NS)
  const last = new BigInt64Array(sessions.length).fill(MISSING_NS)
  for (let row = 0; row < codes.length; row++) {
    const session = codes[row] as number
    const start = times.start[row] as bigint
    if (start < (first[session] as bigint)) first[session] = start
    if (start > (last[session] as bigint)) last[session] = start
  }
  const early = sessions.findIndex((_, s) => s > 0 && (first[s] as bigint) <= (last[s - 1] as bigint))
  if (early === -1) return first
  throw new WalkForwardViolationError(
    `splits: rows.startNs: walk-forward violation: a row dated ${sessions[early]} starts no later than one dated ` +
      `${sessions[early - 1]}. Dates and times disagree: derive both from the same clock.`,
  )
}
