import { BAR_SERIES, barSeries, buildSignals, newYorkCalendar } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { barsOf, rowsOf, walk } from './synthetic-bars.ts'
import { plain } from './tables.ts'

const DATES = ['2024-03-05', '2024-03-06', '2024-03-07', '2024-03-08', '2024-03-11']
const bars = walk({ dates: DATES, seed: 5 })
const series = barSeries(bars)
const calendar = newYorkCalendar()

describe('the state of the market at the end of each bar', () => {
  test('has a row for every bar from 04:00 to the close, with its session', () => {
    const used = rowsOf(bars).filter(([ts]) => {
      const session = calendar.sessionOf(calendar.dateOf(ts))
      return session !== null && ts >= session.preOpenNs && ts < session.closeNs
    })
    expect(series.rows).toBe(used.length)
    expect([...series.ts]).toEqual(used.map(([ts]) => ts))
    expect(series.dates).toEqual(DATES)
    expect(Array.from(series.sessions, (code) => series.dates[code])).toEqual(used.map(([ts]) => calendar.dateOf(ts)))
    for (const [i, name] of (['open', 'high', 'low', 'close', 'volume'] as const).entries()) {
      expect([...series.values[name]]).toEqual(used.map((row) => row[i + 1]))
    }
  })

  test('agrees with the signals wherever a bar is a touch', () => {
    const { table } = buildSignals(bars)
    const rowOf = new Map(Array.from(series.ts, (ts, row) => [ts, row]))
    const times = plain(table.columns['ts_ns']) as bigint[]
    const at = (name: keyof typeof series.values): number[] =>
      times.map((ts) => series.values[name][rowOf.get(ts) ?? -1] ?? Number.POSITIVE_INFINITY)
    const column = (name: string): number[] => plain(table.columns[name]) as number[]
    expect(times.length).toBeGreaterThan(200)
    expect(at('close')).toEqual(column('spot'))
    for (const name of ['sma_spread', 'sma_200_slope_5bar', 'sma_400_slope_5bar'] as const) {
      expect(at(name)).toEqual(column(name))
    }
    const spot = column('spot')
    for (const length of ['200', '400'] as const) {
      const sma = column(`sma_${length}`)
      expect(at(`dist_to_sma_${length}`)).toEqual(spot.map((price, i) => price - (sma[i] ?? Number.NaN)))
    }
    // The signals keep no volatility, but the distance over it.
    const distance = column('dist_to_sma_200')
    const pressure = column('mean_reversion_pressure_200')
    const volatility = at('volatility')
    const known = pressure.flatMap((value, i) => (Number.isFinite(value) && value !== 0 ? [i] : []))
    expect(known.length).toBeGreaterThan(100)
    for (const i of known) expect(volatility[i]).toBeCloseTo((distance[i] ?? 0) / (pressure[i] ?? 1), 9)
  })

  test('the return is that of the close on the close before, missing on the first bar of a day', () => {
    const { close, return: returns } = series.values
    const isFirst = (row: number): boolean => row === 0 || series.sessions[row] !== series.sessions[row - 1]
    const wanted = close.map((price, row) => (isFirst(row) ? Number.NaN : Math.log(price / (close[row - 1] ?? 0))))
    expect(returns).toEqual(wanted)
  })

  test('averages are missing until the prior sessions suffice', () => {
    const { dist_to_sma_400: distance, volatility } = series.values
    const onFirstDay = distance.filter((_, row) => series.sessions[row] === 0)
    const onLastDay = distance.filter((_, row) => series.sessions[row] === 4)
    expect(onFirstDay.every(Number.isNaN)).toBe(true)
    expect(onLastDay.some(Number.isNaN)).toBe(false)
    expect(volatility.subarray(0, 15).every(Number.isNaN)).toBe(true)
  })

  test.each([1, 700, 1800])('never sees a bar after its own: %i bars alone give the same bits', (rows) => {
    const part = barSeries(barsOf(rowsOf(bars).slice(0, rows)))
    for (const name of BAR_SERIES) {
      expect(new BigUint64Array(part.values[name].buffer)).toEqual(
        new BigUint64Array(series.values[name].slice(0, part.rows).buffer),
      )
    }
  })

  test('no bars give an empty series', () => {
    expect(barSeries(barsOf([])).rows).toBe(0)
  })

  test('bars out of order are refused', () => {
    const rows = rowsOf(bars)
    expect(() => barSeries(barsOf([...rows.slice(5, 6), ...rows.slice(0, 2)]))).toThrow(
      'times must be whole minutes and rise strictly',
    )
  })
})
