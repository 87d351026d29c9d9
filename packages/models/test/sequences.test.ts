import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSignals, deriveHeads, findColumn, parseSchema } from '@breakwater/features'
import type { Bars, Schema } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { KNOWN_AFTER_S, staticsOf, touchLabels } from '@breakwater/models/sequences'
import type { Signals } from '@breakwater/models'
import { uniforms } from './seeded.ts'

const OPEN_NS = 1_709_735_400_000_000_000n // 2024-03-06 09:30 New York
const MINUTE_NS = 60_000_000_000n

/** A session of a price that wanders by up to half a dollar a minute. */
function session(): Bars {
  const next = uniforms(8)
  const rows = 390
  const close = new Float64Array(rows)
  let price = 510
  for (let i = 0; i < rows; i++) close[i] = price = Math.round(100 * (price + next() - 0.5)) / 100
  const open = close.map((_, i) => (i === 0 ? 510 : (close[i - 1] ?? 510)))
  return {
    rows,
    ts: BigInt64Array.from({ length: rows }, (_, i) => OPEN_NS + BigInt(i) * MINUTE_NS),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + 0.05),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - 0.05),
    close,
    volume: new Float64Array(rows).fill(1000),
  }
}

const schema: Schema = parseSchema(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../data/features.json'), 'utf8')),
)
const { table } = buildSignals(session())
const signals: Signals = {
  schema,
  table,
  hash: '',
  files: [],
  dates: ['2024-03-06'],
  thresholds: [1, 2],
  lookforwardSeconds: 480,
  symbol: 'SPY',
}

describe('statics of a sequence', () => {
  const { names, values } = staticsOf(table, schema, { stage: 'stage_b', ablation: 'full' })
  const columns = [...new Set(names.map((name) => name.split('=')[0] ?? ''))]

  test('are features of the schema that are known when the touch is, and nothing else', () => {
    expect(columns.length).toBeGreaterThan(50)
    for (const column of columns) {
      const spec = findColumn(schema, column)
      expect(spec?.role).toBe('feature')
      expect(spec?.lookahead).toBeUndefined()
      expect(spec?.knownAfterS ?? Infinity).toBeLessThanOrEqual(KNOWN_AFTER_S)
    }
  })

  test('hold no label, whatever its anchor, no time and no raw price', () => {
    const labels = schema.columns.filter(({ role }) => role === 'label').map(({ name }) => name)
    expect(labels.length).toBeGreaterThan(40)
    const others = ['ts_ns', 'confirm_ts_ns', 'event_id', 'spot', 'level_price', 'sma_200', 'date']
    const forbidden = new Set([...labels, ...others])
    expect(columns.filter((column) => forbidden.has(column))).toEqual([])
  })

  test('a column that the schema does not name is left out, even if it holds the answer', () => {
    const answer = { type: 'number' as const, values: Float64Array.from({ length: table.rows }, (_, i) => i) }
    const wider = { rows: table.rows, columns: { ...table.columns, the_answer: answer } }
    expect(staticsOf(wider, schema, { stage: 'stage_b', ablation: 'full' }).names).toEqual(names)
  })

  test('are the values of the table, one row per touch', () => {
    const atr = table.columns['atr']
    if (atr?.type !== 'number') throw new Error('atr is missing')
    const place = names.indexOf('atr')
    expect(Array.from({ length: table.rows }, (_, row) => values[row * names.length + place])).toEqual(
      Array.from(atr.values, Math.fround),
    )
    const up = names.indexOf('direction=UP')
    const down = names.indexOf('direction=DOWN')
    for (let row = 0; row < table.rows; row++) {
      expect((values[row * names.length + up] ?? 0) + (values[row * names.length + down] ?? 0)).toBe(1)
    }
  })

  test('are none where none are asked for', () => {
    expect(staticsOf(table, schema, null)).toEqual({ names: [], values: new Float32Array() })
  })
})

describe('labels of a sequence', () => {
  const horizons = [60, 180, 300]
  const labels = touchLabels(signals, '4min', horizons)
  const targets = new Map(
    deriveHeads(table, { anchors: ['4min'], horizons }).map((target) => [target.name, target] as const),
  )
  const labelled = (name: string): number[] =>
    Array.from(targets.get(name)?.values ?? [], (value, row) => (targets.get(name)?.mask[row] === 1 ? value : -1))

  test("are the heads' own: 1 break, 0 bounce, -1 where the head is not asked", () => {
    expect([...labels.yBreak]).toEqual(labelled('direction'))
    expect(new Set(labels.yBreak)).toEqual(new Set([-1, 0, 1]))
    expect(labels.yStrength).toEqual(targets.get('strength_signed')?.values)
  })

  test('say for each curve and horizon whether the threshold was reached by then', () => {
    const { curves, values } = labels.reach
    expect(curves).toEqual(['t1', 't1_break', 't1_bounce', 't2', 't2_break', 't2_bounce'])
    for (const [c, curve] of curves.entries()) {
      for (const [h, horizon] of horizons.entries()) {
        const column = Array.from({ length: table.rows }, (_, row) => values[(row * 6 + c) * 3 + h])
        expect(column).toEqual(labelled(`${curve}_${horizon}s`))
      }
    }
  })
})
