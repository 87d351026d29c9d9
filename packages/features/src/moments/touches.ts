import type { Bars } from '../bars/bars.ts'
import { beginDay, minuteOf } from '../signals/day.ts'
import type { DayState } from '../signals/day.ts'
import { sessionBars } from '../signals/outcomes.ts'
import { numbersOf, stringsOf, timesOf } from '../table-columns.ts'
import type { Table } from '../table.ts'
import { signOf } from '../vocabulary/words.ts'
import { beginRanges } from './ranges.ts'
import { MOMENT_MINUTES, planMoments } from './settings.ts'
import type { MomentOptions, MomentPlan } from './settings.ts'
import { momentSink } from './table.ts'
import type { NamedPath, SessionMoments } from './table.ts'
import { walkSession } from './walk.ts'
import type { SessionToWalk } from './walk.ts'

/** Options of {@link touchMoments}. */
export interface TouchMomentOptions extends MomentOptions {
  /**
   * Whole minutes after the start of the touch minute, from 1: of every touch, or by its row in the signals. By default every
   * minute to the twelfth, the anchors among them.
   */
  readonly minutes?: readonly number[] | MinutesOf
}

type MinutesOf = (row: number) => readonly number[]

/** A touch of the signals, and when it is looked at. */
interface FollowedTouch extends NamedPath {
  readonly row: number
  readonly touchMinute: number
}

/**
 * Moments after touches, session by session: every touch of `signals` at whole minutes after it, while the session runs. Rows
 * are in order of time, then of the signals. `signals` needs `ts_ns`, `level_price`, `level_kind_name`, `direction` and `atr`, from
 * these bars with these settings.
 *
 * A moment's numbers depend on the bars that had ended by it and nothing else; the averages of ranges remember five sessions.
 * Labels look from the moment on, as those of the signals do from an anchor: `lookforward` minutes, within the session. Throws
 * RangeError on a bad option and Error where a touch has no bar. Memory: one session's moments. Cost: linear in bars and
 * moments, about two microseconds a moment.
 */
export function* touchMoments(
  bars: Bars,
  signals: Table,
  options: TouchMomentOptions = {},
): Generator<SessionMoments, void> {
  const plan = planMoments(bars, options)
  const byDate = touchesByDate(signals, plan, new Set(plan.slices.map(({ session }) => session.date)))
  const minutesOf = checkedMinutes(options.minutes)
  const ranges = beginRanges(plan.profile)
  for (const slice of plan.slices) {
    const session = { bars, slice, ranges, settings: plan.settings }
    yield sessionMoments(session, byDate.get(slice.session.date) ?? [], minutesOf)
  }
}

function touchesByDate(
  signals: Table,
  { calendar }: MomentPlan,
  dates: ReadonlySet<string>,
): ReadonlyMap<string, readonly FollowedTouch[]> {
  const price = numbersOf(signals, 'level_price')
  const atr = numbersOf(signals, 'atr')
  const kinds = stringsOf(signals, 'level_kind_name')
  const directions = stringsOf(signals, 'direction')
  const byDate = new Map<string, FollowedTouch[]>()
  for (const [row, ns] of timesOf(signals, 'ts_ns').entries()) {
    const date = calendar.dateOf(ns)
    if (!dates.has(date)) throw foreignTouch(row, `the bars have no session ${date}`)
    const sign = signOf(directions[row])
    if (sign !== 1 && sign !== -1) throw foreignTouch(row, 'its direction is neither UP nor DOWN')
    const touch = {
      row,
      touchMinute: minuteOf(ns),
      kind: kinds[row] ?? '',
      price: price[row] as number,
      sign,
      atr: atr[row] as number,
    } as const
    const known = byDate.get(date)
    if (known === undefined) byDate.set(date, [touch])
    else known.push(touch)
  }
  return byDate
}

function foreignTouch(row: number, fault: string): Error {
  return new Error(`features: signals, row ${row}: ${fault}. Pass the bars that the signals were built from.`)
}

function checkedMinutes(minutes: TouchMomentOptions['minutes'] = MOMENT_MINUTES): MinutesOf {
  if (typeof minutes === 'function') return (row) => checkMinutes(minutes(row))
  checkMinutes(minutes)
  return () => minutes
}

function checkMinutes(minutes: readonly number[]): readonly number[] {
  const wrong = minutes.find((minute) => !(Number.isSafeInteger(minute) && minute >= 1))
  if (wrong === undefined) return minutes
  throw new RangeError(`features: minutes=${wrong}: must be whole minutes from 1, when the touch bar has ended.`)
}

/** Which touches are due at each minute from the open, in the order of the signals. */
function dueBySlot(
  touches: readonly FollowedTouch[],
  minutesOf: MinutesOf,
  { openMinute, closeMinute }: DayState,
): ReadonlyMap<number, FollowedTouch[]> {
  const due = new Map<number, FollowedTouch[]>()
  for (const touch of touches) {
    for (const minute of new Set(minutesOf(touch.row))) {
      const at = touch.touchMinute + minute
      if (at >= closeMinute) continue
      const known = due.get(at - openMinute)
      if (known === undefined) due.set(at - openMinute, [touch])
      else known.push(touch)
    }
  }
  return due
}

/** Runs one session. Writes `ranges`. */
function sessionMoments(
  { bars, slice, ranges, settings }: Omit<SessionToWalk, 'day'>,
  touches: readonly FollowedTouch[],
  minutesOf: MinutesOf,
): SessionMoments {
  const day = beginDay(slice.session, { close: Number.NaN, twoMinuteCloses: [] })
  const due = dueBySlot(touches, minutesOf, day)
  const walk = walkSession({ bars, slice, day, ranges, settings })
  const sink = momentSink()
  for (const slot of [...due.keys()].toSorted((a, b) => a - b)) {
    walk.advance(slot)
    const market = walk.market(slot)
    for (const touch of due.get(slot) ?? []) sink.add(market, touch, touch.row)
  }
  walk.advance(Infinity)
  const session = sessionBars(day, settings)
  const foreign = touches.find(
    ({ touchMinute }) => !((session.coverage.barAt[touchMinute - day.openMinute] ?? -1) >= 0),
  )
  if (foreign !== undefined) throw foreignTouch(foreign.row, 'the bars lack its minute')
  return sink.finish(day, session, settings)
}
