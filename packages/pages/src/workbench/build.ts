import {
  type Anchor,
  ANCHORS,
  atAnchor,
  type Bars,
  DEFAULT_HORIZONS,
  type Direction,
  type HeadTarget,
  newYorkCalendar,
  numbersOf,
  OUTCOMES,
  type OutcomeName,
  parseHeadName,
  stringsOf,
  type Table,
  timesOf,
} from '@breakwater/features'
import { locate, type Predictions, type Signals } from '@breakwater/models'
import { type ActedHead, type ActedHeads, workbenchCurves } from './curves.ts'
import {
  type AnchorLabels,
  type RunComparison,
  type SessionData,
  type SessionSummary,
  WORKBENCH_VERSION,
  type WorkbenchCurves,
  type WorkbenchDrift,
  type WorkbenchDrifts,
  type WorkbenchEquities,
  type WorkbenchEquity,
  type WorkbenchIndex,
  type WorkbenchRuns,
} from './data.ts'
import type { SessionReasons } from './reasons-data.ts'
import { type ExplainedRows, sessionReasons } from './reasons.ts'
import { workbenchDrifts, workbenchEquities } from './studies.ts'

/** A set's forecasts of rows that its models had not seen. */
export interface ForecastSet {
  /** `stage_b full`. */
  readonly name: string
  readonly predictions: Predictions
  /** The heads' targets of every row of the signals. */
  readonly targets: readonly HeadTarget[]
  /** What came of acting on heads from thresholds on; null where none of the forecasts is of a test row. */
  readonly acting: (heads: readonly ActedHead[]) => ActedHeads | null
  /** Why the forecasts of rows of the signals are what they are; the rows are all those of the session `date`. */
  readonly explain: (rows: readonly number[], date: string) => ExplainedRows
  /** What a stated rule would have made of the forecasts; null where none is of a test row. */
  readonly equity: () => WorkbenchEquity | null
  /** Drift of the features; null where it is not known how they were distributed in training. */
  readonly drift: () => WorkbenchDrift | null
}

/** What a workbench shows. */
export interface WorkbenchInput {
  readonly signals: Signals
  /** The bars that the signals were made from. */
  readonly bars: Bars
  readonly sets: readonly ForecastSet[]
  /** Two runs side by side; null where none were named. */
  readonly comparison: RunComparison | null
  /** How many sessions are explained: the newest with forecasts. */
  readonly explained: number
}

/** The data of a workbench: an index, and one part a session, made as it is asked for. */
export interface WorkbenchData {
  readonly index: WorkbenchIndex
  readonly curves: () => WorkbenchCurves
  readonly equity: () => WorkbenchEquities
  readonly drift: () => WorkbenchDrifts
  readonly runs: () => WorkbenchRuns
  readonly sessions: () => Generator<SessionData>
  /** Of the sessions that are explained. */
  readonly reasons: () => Generator<SessionReasons>
}

const NS_PER_MINUTE = 60_000_000_000n
const PRICE_DIGITS = 4
const SHARE_DIGITS = 4

/** The data of a workbench. Sessions of the signals whose bars are absent have none. Cost: linear in bars, touches and heads. */
export function workbenchData({ signals, bars, sets, comparison, explained }: WorkbenchInput): WorkbenchData {
  const { table } = signals
  const rowsOf = rowsByDate(table, signals.dates)
  const barsOf = barsByDate(bars, new Set(signals.dates))
  const anchors = ANCHORS.filter((anchor) => atAnchor('outcome', anchor) in table.columns)
  const forecasts = sets.map((set) => forecastsOf(set, table))
  const isForecast = (row: number): boolean => forecasts.some(({ at }) => (at[row] ?? -1) >= 0)
  const outcomes = stringsOf(table, 'outcome')
  const forecastDates = signals.dates.filter((date) => rowsOf.get(date)?.some(isForecast) === true)
  const explainedDates = explained === 0 ? [] : forecastDates.slice(-explained)
  const summaries = signals.dates.map((date) =>
    summaryOf({
      date,
      bars,
      places: barsOf.get(date) ?? [],
      rows: rowsOf.get(date) ?? [],
      outcomes,
      isForecast,
      explained: explainedDates.includes(date),
    }),
  )
  const heads = sets.flatMap(({ predictions }) => [...predictions.heads.keys()])
  return {
    index: {
      version: WORKBENCH_VERSION,
      symbol: signals.symbol,
      thresholds: signals.thresholds,
      anchors,
      horizons: horizonsOf(heads),
      sets: sets.map(({ name, predictions }) => ({ name, heads: [...predictions.heads.keys()] })),
      sessions: summaries,
    },
    curves: () => workbenchCurves(table, sets),
    equity: () => workbenchEquities(sets),
    drift: () => workbenchDrifts(sets),
    runs: () => ({ comparison }),
    *sessions() {
      const read = touchReader(table, anchors)
      for (const date of signals.dates) {
        const rows = rowsOf.get(date) ?? []
        yield {
          date,
          regular: regularMinutes(date),
          bars: barColumns(bars, barsOf.get(date) ?? []),
          touches: read(rows),
          forecasts: Object.fromEntries(
            forecasts.filter((one) => one.isAny(rows)).map((one) => [one.name, one.of(rows)]),
          ),
        }
      }
    },
    *reasons() {
      const placeOf = placesInSessions(table, rowsOf)
      for (const date of explainedDates) {
        const rows = rowsOf.get(date) ?? []
        const own = sets.filter((_, s) => forecasts[s]?.isAny(rows) === true)
        yield {
          date,
          sets: Object.fromEntries(
            own.map(({ name, explain }) => [name, sessionReasons(explain(rows, date), placeOf)]),
          ),
        }
      }
    },
  }
}

function horizonsOf(heads: readonly string[]): readonly number[] {
  const found = heads.flatMap((name) => {
    const question = parseHeadName(name)?.question
    return question?.kind === 'reach' ? [question.horizon] : []
  })
  return found.length === 0 ? DEFAULT_HORIZONS : [...new Set(found)].toSorted((a, b) => a - b)
}

function rowsByDate(table: Table, dates: readonly string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>(dates.map((date) => [date, []]))
  for (const [row, date] of stringsOf(table, 'date').entries()) rows.get(date)?.push(row)
  return rows
}

/** The place of a touch in its session by its id; null where there is none. */
function placesInSessions(
  table: Table,
  rowsOf: ReadonlyMap<string, readonly number[]>,
): (eventId: string) => number | null {
  const ids = stringsOf(table, 'event_id')
  const places = new Map<string, number>()
  for (const rows of rowsOf.values()) for (const [place, row] of rows.entries()) places.set(ids[row] as string, place)
  return (id) => places.get(id) ?? null
}

function barsByDate({ ts }: Bars, dates: ReadonlySet<string>): Map<string, number[]> {
  const calendar = newYorkCalendar()
  const places = new Map<string, number[]>()
  for (const [i, ns] of ts.entries()) {
    const date = calendar.dateOf(ns)
    if (!dates.has(date)) continue
    const found = places.get(date) ?? []
    found.push(i)
    places.set(date, found)
  }
  return places
}

function regularMinutes(date: string): [number, number] {
  const session = newYorkCalendar().sessionOf(date)
  return [Number((session?.openNs ?? 0n) / NS_PER_MINUTE), Number((session?.closeNs ?? 0n) / NS_PER_MINUTE)]
}

interface SummaryInput {
  readonly date: string
  readonly bars: Bars
  readonly places: readonly number[]
  readonly rows: readonly number[]
  readonly outcomes: readonly string[]
  readonly isForecast: (row: number) => boolean
  readonly explained: boolean
}

function summaryOf({ date, bars, places, rows, outcomes, isForecast, explained }: SummaryInput): SessionSummary {
  const prices = (column: Float64Array): number[] =>
    places.map((i) => rounded(column[i] ?? Number.NaN, PRICE_DIGITS) ?? 0)
  const counts = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<OutcomeName, number>
  for (const row of rows) counts[outcomes[row] as OutcomeName] += 1
  return {
    date,
    bars: places.length,
    open: prices(bars.open)[0] ?? 0,
    close: prices(bars.close).at(-1) ?? 0,
    high: Math.max(0, ...prices(bars.high)),
    low: places.length === 0 ? 0 : Math.min(...prices(bars.low)),
    touches: rows.length,
    outcomes: counts,
    forecast: rows.filter(isForecast).length,
    explained,
  }
}

function barColumns({ ts, open, high, low, close }: Bars, places: readonly number[]): SessionData['bars'] {
  const column = (values: Float64Array): number[] =>
    places.map((i) => rounded(values[i] ?? Number.NaN, PRICE_DIGITS) ?? 0)
  const minute = places.map((i) => Number((ts[i] ?? 0n) / NS_PER_MINUTE))
  return { minute, open: column(open), high: column(high), low: column(low), close: column(close) }
}

function touchReader(table: Table, anchors: readonly Anchor[]): (rows: readonly number[]) => SessionData['touches'] {
  const [ids, kinds, directions] = ['event_id', 'level_kind_name', 'direction'].map((name) => stringsOf(table, name))
  const [ts, price] = [timesOf(table, 'ts_ns'), numbersOf(table, 'level_price')]
  const labels = anchors.map((anchor) => [anchor, labelReader(table, anchor)] as const)
  return (rows) => ({
    id: rows.map((row) => ids?.[row] ?? ''),
    minute: rows.map((row) => Number((ts[row] ?? 0n) / NS_PER_MINUTE)),
    kind: rows.map((row) => kinds?.[row] ?? ''),
    price: rows.map((row) => rounded(price[row] ?? Number.NaN, PRICE_DIGITS) ?? 0),
    direction: rows.map((row) => (directions?.[row] ?? '') as Direction),
    byAnchor: Object.fromEntries(labels.map(([anchor, read]) => [anchor, read(rows)])),
  })
}

function labelReader(table: Table, anchor: Anchor): (rows: readonly number[]) => AnchorLabels {
  const outcome = stringsOf(table, atAnchor('outcome', anchor))
  const [spot, most, least] = ['anchor_spot', 'excursion_max', 'excursion_min'].map((name) => {
    const column = atAnchor(name, anchor)
    return column in table.columns ? numbersOf(table, column) : new Float64Array(table.rows).fill(Number.NaN)
  })
  return (rows) => ({
    outcome: rows.map((row) => outcome[row] as OutcomeName),
    spot: pricesAt(spot, rows),
    most: pricesAt(most, rows),
    least: pricesAt(least, rows),
  })
}

function pricesAt(values: Float64Array | undefined, rows: readonly number[]): (number | null)[] {
  return rows.map((row) => rounded(values?.[row] ?? Number.NaN, PRICE_DIGITS))
}

/** A set's forecasts by row of the table; `at` is the prediction of each row, or -1. */
function forecastsOf({ name, predictions }: ForecastSet, table: Table) {
  const at = new Int32Array(table.rows).fill(-1)
  for (const [i, row] of locate(table, predictions).entries()) at[row] = i
  const heads = [...predictions.served.keys()]
  const served = heads.map((head) => predictions.served.get(head))
  return {
    name,
    at,
    isAny: (rows: readonly number[]): boolean => rows.some((row) => (at[row] ?? -1) >= 0),
    of: (rows: readonly number[]): Record<string, (number | null)[]> =>
      Object.fromEntries(
        heads.map((head, h) => [
          head,
          rows.map((row) => rounded(served[h]?.[at[row] ?? -1] ?? Number.NaN, SHARE_DIGITS)),
        ]),
      ),
  }
}

function rounded(value: number, digits: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null
}
