import { readFileSync } from 'node:fs'
import { auditSignals, type Audit } from '@breakwater/evaluation'
import {
  type Bars,
  buildSignals,
  type Column,
  newYorkCalendar,
  parseSchema,
  type Schema,
  type Table,
} from '@breakwater/features'
import { describe, expect, test } from 'vitest'

const SETTINGS = { thresholds: [0.4, 0.8] as const, warmupSessions: 0 }
const DATES = ['04', '05', '06', '07', '08', '11', '12', '13'].map((day) => `2024-03-${day}`)

const schemaText = (): { columns: Record<string, object> } =>
  JSON.parse(readFileSync(new URL('../../../data/features.json', import.meta.url), 'utf8')) as {
    columns: Record<string, object>
  }
const SCHEMA: Schema = parseSchema(schemaText(), 'data/features.json')

/** The schema with one more feature. */
function schemaWith(name: string, more: object = {}): Schema {
  const text = schemaText()
  text.columns[name] = {
    type: 'float64',
    group: 'mean_reversion',
    role: 'feature',
    family: 'ta',
    stage: 'b',
    unit: '1',
    known_after_s: 60,
    description: 'Planted.',
    ...more,
  }
  return parseSchema(text, 'planted')
}

function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Sessions of a price that wanders by up to 30 cents a minute. */
function wandering(): Bars {
  const next = uniforms(8)
  const calendar = newYorkCalendar()
  const rows = DATES.length * 390
  const close = new Float64Array(rows)
  let price = 510
  for (let i = 0; i < rows; i++) close[i] = price = Math.round(100 * (price + 0.6 * (next() - 0.5))) / 100
  const open = close.map((_, i) => close[i - 1] ?? 510)
  const starts = DATES.map((date) => calendar.sessionOf(date)?.openNs ?? 0n)
  return {
    rows,
    ts: BigInt64Array.from(
      { length: rows },
      (_, i) => (starts[Math.floor(i / 390)] ?? 0n) + BigInt(i % 390) * 60n * 10n ** 9n,
    ),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + 0.05),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - 0.05),
    close,
    volume: new Float64Array(rows).fill(1000),
  }
}

const BARS = wandering()
const build = (bars: Bars): Table => buildSignals(bars, SETTINGS).table
const CLEAN = build(BARS)
const replay = { bars: BARS, build, warmupSessions: 0, cuts: 4 }

const numbers = (table: Table, name: string): Float64Array => {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`${name} is a column of numbers`)
  return Float64Array.from(column.values)
}
const withColumn = (table: Table, name: string, values: Float64Array): Table => {
  const column: Column = { type: 'number', values }
  return { ...table, columns: { ...table.columns, [name]: column } }
}
const leaks = ({ findings }: Audit): string[] =>
  findings.map(({ check, column, severity }) => `${severity} ${check} ${column}`)

test('clean signals are audited in silence, replay included', () => {
  const audit = auditSignals({ schema: SCHEMA, table: CLEAN, replay })
  expect(audit.findings).toEqual([])
  expect(audit.clean).toBe(true)
  expect(audit.replay?.cuts).toBe(4)
  expect(audit.replay?.values).toBeGreaterThan(10_000)
})

describe('a planted leak is found:', () => {
  test('a label under another name, however it is bent', () => {
    const strength = numbers(CLEAN, 'strength_signed')
    const bent = withColumn(
      CLEAN,
      'planted',
      strength.map((value) => Math.tanh(-3 * value)),
    )
    const audit = auditSignals({ schema: schemaWith('planted'), table: bent })
    expect(leaks(audit)).toContain('leak aliases planted')
    expect(audit.clean).toBe(false)
    expect(audit.findings[0]?.statement).toMatch(/planted orders rows as the label \S+ does: agreement -?1\.000/)
  })

  test('a price of the future, and a rare outcome that a number gives away', () => {
    const price = withColumn(CLEAN, 'planted', numbers(CLEAN, 'future_price_5min'))
    expect(leaks(auditSignals({ schema: schemaWith('planted'), table: price }))).toContain('leak aliases planted')
    const next = uniforms(5)
    const told = withColumn(
      CLEAN,
      'planted',
      numbers(CLEAN, 'tradeable_2').map((value) => value + 0.5 * next()),
    )
    expect(leaks(auditSignals({ schema: schemaWith('planted'), table: told }))).toContain('leak aliases planted')
  })

  test('a window that runs beyond the time at which its column is said to be known', () => {
    const next = uniforms(6)
    const [later, now] = [numbers(CLEAN, 'anchor_spot_4min'), numbers(CLEAN, 'spot')]
    const noisy = later.map((value, row) => value - (now[row] ?? 0) + 0.6 * (next() - 0.5))
    const table = withColumn(CLEAN, 'planted', noisy)
    const audit = auditSignals({ schema: schemaWith('planted'), table })
    expect(leaks(audit)).toEqual(['leak ahead planted'])
    expect(audit.findings[0]?.statement).toContain('is said to be known 60 s after the touch minute began')
    // Known at the anchor, the same column is honest.
    expect(auditSignals({ schema: schemaWith('planted', { known_after_s: 240 }), table }).findings).toEqual([])
  })

  test('a physics table that looks ahead', () => {
    const next = uniforms(7)
    const [later, now] = [numbers(CLEAN, 'anchor_spot_8min'), numbers(CLEAN, 'anchor_spot_4min')]
    const ahead = later.map((value, row) => Math.sign(value - (now[row] ?? 0)) + 3 * (next() - 0.5))
    const table = withColumn(CLEAN, 'barrier_delta_liq', ahead)
    expect(leaks(auditSignals({ schema: SCHEMA, table }))).toEqual(['leak physics barrier_delta_liq'])
  })

  test('a builder whose column needs bars that have not ended', () => {
    const leaky = (bars: Bars): Table => {
      const table = build(bars)
      const last = bars.close.at(-1) ?? 0
      return withColumn(
        table,
        'sma_spread',
        numbers(table, 'spot').map((spot) => spot - last),
      )
    }
    // Built session by session, so that the last bar is the session's.
    const perDay = DATES.map((_, day) => leaky(sliceDay(day)))
    const spreads = Float64Array.from(perDay.flatMap((table) => [...numbers(table, 'sma_spread')]))
    const bySession = perDay.reduce((sum, { rows }) => sum + rows, 0)
    expect(bySession).toBe(CLEAN.rows)
    const table = withColumn(CLEAN, 'sma_spread', spreads)
    const audit = auditSignals({ schema: SCHEMA, table, replay: { ...replay, build: leaky } })
    const found = audit.findings.find(({ check, column }) => check === 'replay' && column === 'sma_spread')
    expect(found?.statement).toMatch(/of its values need bars that had not ended when it is said to be known/)
  })

  test('values that were not made from these bars', () => {
    const edited = withColumn(
      CLEAN,
      'atr',
      numbers(CLEAN, 'atr').map((value) => value * 1.01),
    )
    const audit = auditSignals({ schema: SCHEMA, table: edited, replay })
    expect(leaks(audit)).toContain('leak replay atr')
    expect(audit.findings.find(({ column }) => column === 'atr')?.statement).toContain('are not what these bars give')
  })

  test('a column that no head can see', () => {
    const table = withColumn(CLEAN, 'planted', numbers(CLEAN, 'atr'))
    const audit = auditSignals({ schema: schemaWith('planted', { known_after_s: 900 }), table })
    expect(leaks(audit)).toEqual(['warning windows planted'])
    expect(audit.clean).toBe(true)
  })
})

function sliceDay(day: number): Bars {
  const cut = <T extends Float64Array | BigInt64Array>(values: T): T => values.slice(day * 390, (day + 1) * 390) as T
  return {
    rows: 390,
    ts: cut(BARS.ts),
    open: cut(BARS.open),
    high: cut(BARS.high),
    low: cut(BARS.low),
    close: cut(BARS.close),
    volume: cut(BARS.volume),
  }
}
