import type { Bars } from '../bars/bars.ts'
import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import type { Table } from '../table.ts'
import { type Anchor, ANCHORS } from '../vocabulary/anchors.ts'
import { barOf, checkTimes } from './bars-in-order.ts'
import { signalColumns } from './columns.ts'
import type { DayState } from './day.ts'
import { optionBook } from './option-levels.ts'
import type { OptionLevel } from './option-levels.ts'
import { outcomeOf, sessionBars } from './outcomes.ts'
import type { Outcome, SessionBars } from './outcomes.ts'
import { physicsSource } from './physics-table.ts'
import { beginTally, finishReport, tallyBar, tallyOutcome, tallySession } from './report.ts'
import type { SignalsReport, Tally } from './report.ts'
import { planSessions } from './sessions.ts'
import type { SessionSlice } from './sessions.ts'
import { resolveSettings } from './settings.ts'
import type { SignalSettings } from './settings.ts'
import { tableSink } from './sink.ts'
import type { LabelledRow } from './cells.ts'
import { beginSession, beginStream, pushBar } from './stream.ts'
import type { SignalRow, SignalStream } from './stream.ts'

/** Options of {@link buildSignals}: settings where they differ from the defaults, and further inputs. */
export interface BuildSignalsOptions extends Partial<SignalSettings> {
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
  /** Physics by touch, see `physicsSource`. Without it every physics column is missing. */
  readonly physics?: Table
  /** Strikes and walls; none by default. */
  readonly optionLevels?: readonly OptionLevel[]
}

/** The signals table and what was found while building it. */
export interface Signals {
  readonly table: Table
  readonly report: SignalsReport
  /** The settings in force, defaults included. */
  readonly settings: SignalSettings
}

function labelsOf(
  row: SignalRow,
  bars: SessionBars,
  openMinute: number,
  settings: SignalSettings,
): Record<Anchor, Outcome> {
  const { minute, level, sign } = row.touch
  const touch = { slot: minute - openMinute, price: level.price, sign }
  const at = (anchor: Anchor): Outcome => outcomeOf(bars, touch, anchor, settings)
  return { '2min': at('2min'), '4min': at('4min'), '8min': at('8min') }
}

/** A session's rows with their labels, in order. Writes `tally`. */
function* labelledRows(
  day: DayState,
  rows: readonly SignalRow[],
  settings: SignalSettings,
  tally: Tally,
): Generator<LabelledRow> {
  const bars = sessionBars(day, settings)
  for (const row of rows) {
    const outcomes = labelsOf(row, bars, day.openMinute, settings)
    for (const anchor of ANCHORS) tallyOutcome(tally, anchor, outcomes[anchor], settings.lookforward * 60)
    yield { row, outcomes, symbol: settings.symbol }
  }
}

/** Runs one session through the stream. Writes `stream` and `tally`; returns the session's day and rows. */
function runSession(
  stream: SignalStream,
  slice: SessionSlice,
  bars: Bars,
  tally: Tally,
): { readonly day: DayState; readonly rows: SignalRow[] } {
  const day = beginSession(stream, slice.session)
  const rows: SignalRow[] = []
  for (let i = slice.from; i < slice.to; i++) {
    const bar = barOf(bars, i)
    const signals = pushBar(stream, bar)
    if (bar.minute < day.openMinute) continue
    tallyBar(tally, signals)
    rows.push(...signals.rows)
  }
  tallySession(tally, day)
  return { day, rows }
}

/** Signals that are built while they are read. */
export interface SignalBatches {
  /** Tables of `batchRows` rows each, the last one of what is left; together the table of {@link buildSignals}. */
  readonly batches: Generator<Table, void>
  /** The settings in force, defaults included. */
  readonly settings: SignalSettings
  /** What was found so far: all of it once the batches are read. */
  readonly report: () => SignalsReport
}

/**
 * The signals of {@link buildSignals} in tables of `batchRows` rows, session by session, so that memory is needed for one of
 * them at a time. Reading the next one computes it. Throws as {@link buildSignals} does.
 */
export function signalBatches(bars: Bars, options: BuildSignalsOptions, batchRows: number): SignalBatches {
  const settings = resolveSettings(options)
  const calendar = options.calendar ?? newYorkCalendar()
  const physics = physicsSource(options.physics)
  checkTimes(bars)
  const plan = planSessions(bars, calendar)
  const stream = beginStream({ settings, calendar, options: optionBook(options.optionLevels ?? [], calendar), physics })
  const tally = beginTally()
  function* batches(): Generator<Table, void> {
    let sink = tableSink(signalColumns)
    let filled = 0
    for (const slice of plan.slices) {
      const { day, rows } = runSession(stream, slice, bars, tally)
      for (const row of labelledRows(day, rows, settings, tally)) {
        sink.add(row)
        filled += 1
        if (filled < batchRows) continue
        yield sink.finish()
        sink = tableSink(signalColumns)
        filled = 0
      }
    }
    if (filled > 0) yield sink.finish()
  }
  return { batches: batches(), settings, report: () => finishReport(tally, plan.ignored, physics.rows) }
}

/**
 * The signals table of one-minute bars: one row per touch of a level in a regular session, with every column of
 * `signalColumns`, in time order and within a minute by level code and price.
 *
 * `bars` are as `validateBars` gives them. Sessions follow the calendar (half days end at 13:00; the 16:00 print and other
 * hours are ignored and counted; 04:00-09:30 is the pre-market). Features see only bars that have ended, as their
 * `knownAfterS` says; labels look forward within the session. A session depends on nothing before its `warmupSessions` prior
 * trading days. Physics columns, and what is derived from them, are missing unless `physics` has them. The same input
 * gives the same table to the bit.
 *
 * Throws RangeError naming the option or input that is wrong. Cost: linear in bars and touches, two to three seconds per 100,000 bars.
 */
export function buildSignals(bars: Bars, options: BuildSignalsOptions = {}): Signals {
  const { batches, settings, report } = signalBatches(bars, options, Number.POSITIVE_INFINITY)
  const [table = tableSink(signalColumns).finish()] = [...batches]
  return { table, report: report(), settings }
}
