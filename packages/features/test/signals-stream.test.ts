import {
  beginSession,
  beginStream,
  buildSignals,
  featureValues,
  levelsAt,
  newYorkCalendar,
  optionBook,
  physicsSource,
  pushBar,
  resolveSettings,
} from '@breakwater/features'
import type { MinuteBar, SignalRow, SignalStream } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { minutesFrom, still } from './signal-days.ts'
import { rowsOf, walk } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const DATES = ['2024-03-07', '2024-03-08', '2024-03-11']
const calendar = newYorkCalendar()

function newStream(): SignalStream {
  return beginStream({
    settings: resolveSettings(),
    calendar,
    options: optionBook([], calendar),
    physics: physicsSource(undefined),
  })
}

function begin(stream: SignalStream, date: string): void {
  const session = calendar.sessionOf(date)
  if (session !== null) beginSession(stream, session)
}

function barOf([ts, open, high, low, close, volume]: BarRow): MinuteBar {
  return { minute: Number(ts / 60_000_000_000n), open, high, low, close, volume }
}

function feed(stream: SignalStream, rows: readonly BarRow[]): SignalRow[] {
  const found: SignalRow[] = []
  for (const row of rows) {
    const date = calendar.dateOf(row[0])
    const session = calendar.sessionOf(date)
    if (session === null || row[0] < session.preOpenNs || row[0] >= session.closeNs) continue
    if (stream.day?.date !== date) beginSession(stream, session)
    found.push(...pushBar(stream, barOf(row)).rows)
  }
  return found
}

describe('a live stream of bars', () => {
  test('gives the same features as the table built at once', () => {
    const bars = walk({ dates: DATES, seed: 41 })
    const live = feed(newStream(), rowsOf(bars))
    const values = live.map(({ features }) => featureValues(features))
    const { table } = buildSignals(bars)
    expect(live).toHaveLength(table.rows)
    const names = Object.keys(values[0] ?? {})
    expect(names.length).toBeGreaterThan(70)
    const columns = new Map(names.map((name) => [name, plain(table.columns[name])]))
    const differing = values.flatMap((row, i) =>
      Object.entries(row).filter(([name, value]) => !Object.is(columns.get(name)?.[i], value)),
    )
    // Whole numbers are stored as 32-bit floats, which hold them exactly.
    expect(differing).toEqual([])
  })

  test('knows its levels before the bar comes', () => {
    const stream = newStream()
    begin(stream, '2024-02-20')
    feed(stream, [
      ...minutesFrom('2024-02-20', '09:29', still(499, 1)),
      ...minutesFrom('2024-02-20', '09:30', [[500, 501, 499, 500]]),
    ])
    const minute = (stream.day?.openMinute ?? 0) + 1
    expect(levelsAt(stream, minute)).toEqual([
      { kind: 'PM_HIGH', price: 499 },
      { kind: 'PM_LOW', price: 499 },
      { kind: 'SESSION_HIGH', price: 501 },
      { kind: 'SESSION_LOW', price: 499 },
      { kind: 'VWAP', price: 500 },
    ])
  })

  test('refuses a bar of another session, and one that is not after the last', () => {
    const stream = newStream()
    const [first, second] = minutesFrom('2024-02-20', '09:30', still(500, 2)).map(barOf)
    if (first === undefined || second === undefined) throw new Error('no bars')
    expect(levelsAt(stream, first.minute)).toEqual([])
    expect(() => pushBar(stream, first)).toThrow(
      `features: bar.minute=${first.minute}: not the next minute of session (none begun). Begin the bar's session first, and give bars in time order.`,
    )
    begin(stream, '2024-02-20')
    pushBar(stream, second)
    expect(() => pushBar(stream, first)).toThrow('not the next minute of session 2024-02-20')
    expect(() => pushBar(stream, { ...first, minute: first.minute + 390 })).toThrow(
      'not the next minute of session 2024-02-20',
    )
  })
})
