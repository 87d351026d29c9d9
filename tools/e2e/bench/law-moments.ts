import { type Bars, type Calendar, newYorkCalendar, type Table } from '@breakwater/features'
import { type Question, type SessionBars, surfaceQuestions, type SurfaceSpec } from '@breakwater/passage'

const MINUTE_NS = 60_000_000_000n
const FUTURE = 8
const CYCLE = 12

/** The regular minutes of one session; NaN where a minute has no bar. */
export interface Day {
  readonly date: string
  /** Minutes up to the last bar. */
  readonly minutes: number
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

/** Regular sessions of the bars, in order. */
export function regularDays(bars: Bars, calendar: Calendar = newYorkCalendar()): Day[] {
  const days: Day[] = []
  for (let i = 0; i < bars.rows; i++) {
    const ns = bars.ts[i] as bigint
    const session = calendar.sessionOf(calendar.dateOf(ns))
    if (session === null || ns < session.openNs || ns >= session.closeNs) continue
    const length = Number((session.closeNs - session.openNs) / MINUTE_NS)
    const minute = Number((ns - session.openNs) / MINUTE_NS)
    const blank = (): Float64Array => new Float64Array(length).fill(NaN)
    if (days.at(-1)?.date !== session.date) {
      days.push({ date: session.date, minutes: 0, high: blank(), low: blank(), close: blank() })
    }
    const day = days.at(-1) as Day
    day.high[minute] = bars.high[i] as number
    day.low[minute] = bars.low[i] as number
    day.close[minute] = bars.close[i] as number
    days[days.length - 1] = { ...day, minutes: minute + 1 }
  }
  return days
}

/** The day's bars for the volatility forecast. */
export function sessionBars({ minutes, high, low, close }: Day): SessionBars {
  const minute = Array.from({ length: minutes }, (_, i) => i).filter((i) => Number.isFinite(close[i]))
  const pick = (column: Float64Array): number[] => minute.map((i) => column[i] as number)
  return { minutes, minute, high: pick(high), low: pick(low), close: pick(close) }
}

/** One moment a touch, with the outcomes of a surface's questions. */
export interface TouchMoments {
  readonly session: Int32Array
  readonly displacement: Float64Array
  readonly sigma: Float64Array
  readonly labels: Int8Array
  readonly questions: number
}

interface Request {
  readonly days: readonly Day[]
  /** Volatility forecast by session and bar. */
  readonly forecasts: readonly Float64Array[]
  readonly touches: Table
  readonly spec: SurfaceSpec
}

/**
 * Touch number t of the table is looked at m whole minutes after its start, (t + 5m) % 12 == 0, m in 1..12: its
 * displacement at the close before, and outcomes from the bars after. A hit counts only when its whole minute lies
 * inside the horizon; a row beyond a barrier already, or with less of the session left than the horizon, is masked, and
 * so is a direction where one minute reaches both sides.
 */
export function touchMoments({ days, forecasts, touches, spec }: Request): TouchMoments {
  const calendar = newYorkCalendar()
  const index = new Map(days.map(({ date }, s) => [date, s]))
  const questions = surfaceQuestions(spec).filter((question) => 'threshold' in question)
  const [ts, sign, level] = [times(touches), numbers(touches, 'direction_sign'), numbers(touches, 'level_price')]
  const rows: { session: number; displacement: number; sigma: number; labels: number[] }[] = []
  for (let t = 0; t < touches.rows; t++) {
    const ns = ts[t] as bigint
    const date = calendar.dateOf(ns)
    const s = index.get(date) ?? -1
    const day = days[s]
    const open = calendar.sessionOf(date)?.openNs
    if (day === undefined || open === undefined) continue
    const start = Number((ns - open) / MINUTE_NS)
    const now = start + minutesAfter(t)
    if (start < 0 || now >= day.minutes) continue
    const frame = { day, now, sign: sign[t] as number, level: level[t] as number }
    const displacement = frame.sign * (lastBefore(day, now) - frame.level)
    const labels = questions.map((question) =>
      labelOf(question, reaches(frame), { displacement, left: day.minutes - now }),
    )
    rows.push({ session: s, displacement, sigma: lastForecast(forecasts[s], day, now), labels })
  }
  return {
    session: Int32Array.from(rows, (row) => row.session),
    displacement: Float64Array.from(rows, (row) => row.displacement),
    sigma: Float64Array.from(rows, (row) => row.sigma),
    labels: Int8Array.from(rows.flatMap((row) => row.labels)),
    questions: questions.length,
  }
}

function minutesAfter(touch: number): number {
  for (let m = 1; m <= CYCLE; m++) if (((touch % CYCLE) + 5 * m) % CYCLE === 0) return m
  throw new Error('bench: unreachable, 5 and 12 have no common divisor')
}

function numbers(table: Table, name: string): ArrayLike<number> {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`bench: the touches have no column ${name}`)
  return column.values
}

function times(table: Table): BigInt64Array {
  const column = table.columns['ts_ns']
  if (column?.type !== 'time') throw new Error('bench: the touches have no column ts_ns')
  return column.values
}

function lastBefore(day: Day, now: number): number {
  let i = now - 1
  while (i > 0 && Number.isNaN(day.close[i])) i--
  return day.close[i] as number
}

/** The forecast at the end of the last bar before `now`. */
function lastForecast(forecasts: Float64Array | undefined, day: Day, now: number): number {
  let bars = 0
  for (let i = 0; i < now; i++) bars += Number(Number.isFinite(day.close[i]))
  return forecasts?.[bars - 1] ?? NaN
}

interface Frame {
  readonly day: Day
  readonly now: number
  readonly sign: number
  readonly level: number
}

interface Reaches {
  /** Furthest beyond and back within the first j + 1 minutes after the moment. */
  readonly up: readonly number[]
  readonly down: readonly number[]
}

function reaches({ day, now, sign, level }: Frame): Reaches {
  const up: number[] = []
  const down: number[] = []
  for (let j = 0; j < FUTURE; j++) {
    const high = (day.high[now + j] ?? NaN) - level
    const low = (day.low[now + j] ?? NaN) - level
    const known = Number.isFinite(high)
    up.push(Math.max(up[j - 1] ?? -Infinity, known ? (sign > 0 ? high : -low) : -Infinity))
    down.push(Math.max(down[j - 1] ?? -Infinity, known ? (sign > 0 ? -low : high) : -Infinity))
  }
  return { up, down }
}

/** Prices are whole cents. */
const CENT = 1e-9

function labelOf(
  question: Question,
  { up, down }: Reaches,
  { displacement, left }: { readonly displacement: number; readonly left: number },
): number {
  if (!('threshold' in question)) return -1
  const { threshold, horizon } = question
  const side = question.kind === 'reach' ? question.side : 'either'
  const passed = (side !== 'bounce' && displacement >= threshold) || (side !== 'break' && displacement <= -threshold)
  const minutes = horizon / 60
  if (passed || left < minutes) return -1
  const firstUp = up.findIndex((reach) => reach >= threshold - CENT)
  const firstDown = down.findIndex((reach) => reach >= threshold - CENT)
  const above = firstUp < 0 ? Infinity : firstUp + 1
  const below = firstDown < 0 ? Infinity : firstDown + 1
  if (question.kind === 'direction') return above === below ? -1 : Number(above < below)
  const time = { either: Math.min(above, below), break: above, bounce: below }[side]
  return Number(time <= minutes)
}

/** Rows of the moments for which `keep` holds. */
export function selectMoments(all: TouchMoments, keep: (row: number) => boolean): TouchMoments {
  const rows = Array.from({ length: all.session.length }, (_, row) => row).filter(keep)
  const { questions } = all
  return {
    session: Int32Array.from(rows, (row) => all.session[row] as number),
    displacement: Float64Array.from(rows, (row) => all.displacement[row] as number),
    sigma: Float64Array.from(rows, (row) => all.sigma[row] as number),
    labels: Int8Array.from(rows.flatMap((row) => [...all.labels.subarray(row * questions, (row + 1) * questions)])),
    questions,
  }
}
