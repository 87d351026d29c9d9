import { type Column, numbersOf, stringsOf, type Table, timesOf } from '@breakwater/features'
import { evaluateSet } from '@breakwater/evaluation/sets'
import { forecastAnchors, locate } from '@breakwater/models'
import { expect, describe, test } from 'vitest'
import { mertonBars, trainOnBars } from './merton-set.ts'
import { uniforms } from './seeded.ts'

const SESSIONS = 40
const HALF_HOURS = 13
const random = uniforms(11)
const DRIFTS = Array.from({ length: SESSIONS * HALF_HOURS }, () => (random() < 0.5 ? -0.25 : 0.25))
const bars = mertonBars(
  { sigma: 0.12, rate: 0, mean: 0, deviation: 0, drift: (halfHour) => DRIFTS[halfHour] ?? 0 },
  SESSIONS,
  5,
)

/** Two readings of the order book: one tells the drift beyond the level with noise, the other is noise. */
function withReadings(table: Table): Table {
  const next = uniforms(7)
  const dates = [...new Set(stringsOf(table, 'date'))]
  const days = stringsOf(table, 'date')
  const directions = stringsOf(table, 'direction')
  const open = new Map(days.map((date, row) => [date, (timesOf(table, 'ts_ns')[row] ?? 0n) / 86_400_000_000_000n]))
  const rowOfMinute = new Map(Array.from(bars.ts, (ts, row) => [ts, row]))
  const column = (value: (row: number) => number): Column => ({
    type: 'number',
    values: Float64Array.from({ length: table.rows }, (_, row) => value(row)),
  })
  expect(dates.length).toBe(open.size)
  return {
    rows: table.rows,
    columns: {
      ...table.columns,
      tape_imbalance: column((row) => {
        const minute = rowOfMinute.get(timesOf(table, 'ts_ns')[row] ?? 0n) ?? 0
        const drift = DRIFTS[Math.floor(minute / 30)] ?? 0
        return (directions[row] === 'UP' ? drift : -drift) + 0.2 * (next() - 0.5)
      }),
      gamma_exposure: column(() => next() - 0.5),
    },
  }
}

const { trained, part } = await trainOnBars({
  bars,
  thresholds: [0.4, 0.8],
  plan: { folds: 1, testSessions: 12, valSessions: 5, embargoSessions: 0 },
  ablation: 'full',
  withColumns: withReadings,
})
const { columnsBeyondLaw: gains } = await evaluateSet({ trained, parts: [part], seed: 3 })
const law = trained.law

describe('what columns add beyond the law', () => {
  test('is told by column: much of the planted one, nothing of noise', () => {
    if ('reason' in gains) throw new Error(gains.reason)
    const [first] = gains.columns
    expect(first?.column).toBe('tape_imbalance')
    expect(first?.direction.low).toBeGreaterThan(0.02)
    expect(first?.gain.low).toBeGreaterThan(0)
    const noise = gains.columns.find(({ column }) => column === 'gamma_exposure')
    expect(Math.abs(noise?.gain.estimate ?? 0)).toBeLessThan((first?.gain.estimate ?? 0) / 20)
    expect(gains).toMatchObject({ anchor: '4min', sessions: 12, heads: 26, swaps: 2 })
  })

  test('is what is lost where the column of the signals itself is of other touches', () => {
    if ('reason' in gains || law === null) throw new Error('there is a law with a tilt')
    const { signals, predictions, targets } = part
    const target = targets.find(({ name }) => name === 'direction')
    const rows = locate(signals.table, predictions)
    const own = numbersOf(signals.table, 'tape_imbalance')
    const next = uniforms(1)
    const others = Float64Array.from(own, () => own[rows[Math.floor(next() * rows.length)] ?? 0] ?? 0)
    const changed = { ...signals.table.columns, tape_imbalance: { type: 'number' as const, values: others } }
    const lossOf = (table: Table): number => {
      const { tilted } = forecastAnchors(law, { signals: { ...signals, table, bars }, anchors: ['4min'] })
      let [sum, count] = [0, 0]
      for (const row of rows) {
        const [p, y] = [tilted.get('direction')?.[row] ?? Number.NaN, target?.values[row] ?? Number.NaN]
        if (target?.mask[row] !== 1 || Number.isNaN(p)) continue
        sum -= Math.log(y === 1 ? p : 1 - p)
        count++
      }
      return sum / count
    }
    const lost = lossOf({ ...signals.table, columns: changed }) - lossOf(signals.table)
    const told = gains.columns[0]?.direction.estimate ?? 0
    expect(told / lost).toBeGreaterThan(0.75)
    expect(told / lost).toBeLessThan(1.33)
  })

  test('is not told where validation kept no tilt', async () => {
    const few = mertonBars({ sigma: 0.12, rate: 0, mean: 0, deviation: 0 }, 12, 8)
    const plan = { folds: 1, testSessions: 1, valSessions: 3, embargoSessions: 0 }
    const { trained: set } = await trainOnBars({ bars: few, thresholds: [0.4, 0.8], plan })
    expect(set.law?.path.tilt).toBeNull()
    expect(set.details.columnsBeyondLaw).toEqual({ reason: 'the law has no tilt: validation kept no tree' })
  })
})
