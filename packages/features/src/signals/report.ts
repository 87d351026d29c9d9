import { ANCHORS } from '../vocabulary/anchors.ts'
import type { Outcome } from './outcomes.ts'
import type { IgnoredBars } from './sessions.ts'
import type { DayState } from './day.ts'
import type { BarSignals } from './stream.ts'

/** Bars (or sessions, where said) in which a kind of level did not exist, by reason. */
export interface MissingLevels {
  /** Sessions without a pre-market bar: no PM_HIGH, PM_LOW. */
  readonly sessionsWithoutPreMarket: number
  /** Sessions without a bar in the opening range: no OR_HIGH, OR_LOW. */
  readonly sessionsWithoutOpeningRange: number
  /** Regular bars before enough two-minute closes: no SMA_200. */
  readonly barsWithoutSma200: number
  /** Regular bars before enough two-minute closes: no SMA_400. */
  readonly barsWithoutSma400: number
  /** Regular bars before any volume: no VWAP. */
  readonly barsWithoutVwap: number
}

/** What `buildSignals` found, in counts. */
export interface SignalsReport {
  readonly sessions: number
  /** Dates of the sessions, in order. */
  readonly dates: readonly string[]
  readonly bars: {
    readonly preMarket: number
    readonly regular: number
    readonly ignored: IgnoredBars
  }
  /** Rows of the table, and rows by kind of level. */
  readonly touches: number
  readonly touchesByKind: Readonly<Record<string, number>>
  /** Touches left out because the side they came from is unknown. */
  readonly noDirection: number
  readonly levelsMissing: MissingLevels
  /** Per anchor, rows by outcome. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Per anchor, rows whose label window the data does not cover. */
  readonly incompleteWindows: Readonly<Record<string, number>>
  readonly physics: {
    /** Rows of the source. */
    readonly rows: number
    /** Rows of the source that belong to a touch. */
    readonly rowsMatched: number
    /** Touches with a row of the source. */
    readonly touchesMatched: number
  }
}

/** Counts as they grow; {@link finishReport} gives the report. */
export interface Tally {
  readonly dates: string[]
  preMarket: number
  regular: number
  touches: number
  noDirection: number
  readonly byKind: Map<string, number>
  readonly missing: { -readonly [K in keyof MissingLevels]: number }
  readonly outcomes: Map<string, Map<string, number>>
  readonly incomplete: Map<string, number>
  readonly physicsRows: Set<number>
  touchesMatched: number
}

/** A tally of nothing. */
export function beginTally(): Tally {
  return {
    dates: [],
    preMarket: 0,
    regular: 0,
    touches: 0,
    noDirection: 0,
    byKind: new Map(),
    missing: {
      sessionsWithoutPreMarket: 0,
      sessionsWithoutOpeningRange: 0,
      barsWithoutSma200: 0,
      barsWithoutSma400: 0,
      barsWithoutVwap: 0,
    },
    outcomes: new Map(ANCHORS.map((anchor) => [anchor, new Map<string, number>()])),
    incomplete: new Map(ANCHORS.map((anchor) => [anchor, 0])),
    physicsRows: new Set(),
    touchesMatched: 0,
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** Counts one regular bar. Writes `tally`. */
export function tallyBar(tally: Tally, signals: BarSignals): void {
  const { missing } = tally
  const kinds = new Set<string>(signals.levels.map(({ kind }) => kind))
  tally.regular += 1
  tally.touches += signals.rows.length
  tally.noDirection += signals.undirected
  if (!kinds.has('SMA_200')) missing.barsWithoutSma200 += 1
  if (!kinds.has('SMA_400')) missing.barsWithoutSma400 += 1
  if (!kinds.has('VWAP')) missing.barsWithoutVwap += 1
  for (const { touch, physicsRow } of signals.rows) {
    increase(tally.byKind, touch.level.kind)
    if (physicsRow < 0) continue
    tally.physicsRows.add(physicsRow)
    tally.touchesMatched += 1
  }
}

/** Counts a session that has ended; one without regular bars is none. Writes `tally`. */
export function tallySession(tally: Tally, day: DayState): void {
  tally.preMarket += day.preMarketBars
  if (day.minute.length === day.preMarketBars) return
  tally.dates.push(day.date)
  if (day.preMarketBars === 0) tally.missing.sessionsWithoutPreMarket += 1
  if (Number.isNaN(day.openingRange.high)) tally.missing.sessionsWithoutOpeningRange += 1
}

/** Counts one label. Writes `tally`. */
export function tallyOutcome(tally: Tally, anchor: string, { outcome, numbers }: Outcome, windowSeconds: number): void {
  const counts = tally.outcomes.get(anchor)
  if (counts !== undefined) increase(counts, outcome)
  if (numbers.window_s < windowSeconds) increase(tally.incomplete, anchor)
}

/** The report of a tally, with what the session plan ignored and the size of the physics source. */
export function finishReport(tally: Tally, ignored: IgnoredBars, physicsRows: number): SignalsReport {
  const { preMarket, regular, touches, noDirection, missing } = tally
  return {
    sessions: tally.dates.length,
    dates: tally.dates,
    bars: { preMarket, regular, ignored },
    touches,
    touchesByKind: Object.fromEntries(tally.byKind),
    noDirection,
    levelsMissing: missing,
    outcomes: Object.fromEntries([...tally.outcomes].map(([anchor, counts]) => [anchor, Object.fromEntries(counts)])),
    incompleteWindows: Object.fromEntries(tally.incomplete),
    physics: { rows: physicsRows, rowsMatched: tally.physicsRows.size, touchesMatched: tally.touchesMatched },
  }
}
