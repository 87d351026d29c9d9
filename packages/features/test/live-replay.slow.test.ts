import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSignals,
  createLiveFeatures,
  encodeRow,
  encodeTable,
  fitEncoder,
  selectFeatures,
} from '@breakwater/features'
import type { Bars, LiveLevel, Table } from '@breakwater/features'
import { loadSchema, readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { differing, knownColumns, newLive, physicsIn, plainRows, pushAll, rowsByMinute } from './live-rows.ts'
import type { PlainRow } from './live-rows.ts'
import { physicsFor } from './random-physics.ts'
import { walk } from './synthetic-bars.ts'

const EXTENDED = join(import.meta.dirname, '../../../../shared/data/spy_1m_ext_2024/SPY_1min.csv')
const SCHEMA = join(import.meta.dirname, '../../../data/features.json')
const DATES = ['2024-03-06', '2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12']

const physicsNames = new Set(
  knownColumns
    .filter(({ group }) => /physics|dealer|pressure/.test(group) || group === 'approach_context')
    .map(({ name }) => name),
)

const levelOf = (row: PlainRow): LiveLevel => ({
  kind: String(row['level_kind_name']),
  price: Number(row['level_price']),
})

const touchNs = (row: PlainRow): bigint => (row['ts_ns'] as bigint) + 59_999_999_999n

/** Columns that were not yet known `afterS` seconds after the touch and yet are in the live row, with their value. */
function early(values: Readonly<Record<string, unknown>>, afterS: number): string[] {
  return knownColumns
    .filter(({ name, knownAfterS }) => physicsNames.has(name) && (knownAfterS ?? Infinity) > afterS)
    .filter(({ name }) => !Number.isNaN(values[name]) && values[name] !== null)
    .map(({ name }) => `${name}=${String(values[name])}`)
}

/** Every touch of `bars` built live, at its bar's end and once all is known; what differs from the table, by column. */
function replay(bars: Bars, physics: Table): { readonly touches: number; readonly wrong: readonly string[] } {
  const expected = rowsByMinute(plainRows(buildSignals(bars, { physics }).table))
  const live = newLive()
  const wrong = new Set<string>()
  let touches = 0
  const knownBy60 = knownColumns.filter(({ knownAfterS }) => (knownAfterS ?? Infinity) <= 60)
  pushAll(bars, live, ({ minute }) => {
    for (const row of expected.get(minute) ?? []) {
      const touch = live.touched(levelOf(row), touchNs(row), 0)
      if (touch === null) {
        wrong.add(`no live row for ${String(row['event_id'])}`)
        continue
      }
      touches += 1
      const atTouch = touch.values(physicsIn(row), 60)
      for (const name of differing(atTouch, row, knownBy60)) wrong.add(`${name} at the touch`)
      for (const value of early(atTouch, 60)) wrong.add(`${value} before it is known`)
      for (const name of differing(touch.values(physicsIn(row), 240), row, knownColumns))
        wrong.add(`${name} at confirmation`)
    }
  })
  return { touches, wrong: [...wrong] }
}

describe('a row built live has the bits of the row that a table of the same bars and physics has', () => {
  test('in every column, at every touch of a random walk with absent minutes', () => {
    const bars = walk({ dates: DATES, seed: 31, absent: 0.1 })
    const { touches, wrong } = replay(bars, physicsFor(buildSignals(bars).table, 5))
    expect(wrong).toEqual([])
    expect(touches).toBe(buildSignals(bars).table.rows)
  })

  test.skipIf(!existsSync(EXTENDED))(
    'in every column, at every touch of 63 real sessions with pre-market (skipped where they are absent)',
    async () => {
      const { bars } = await readBars(EXTENDED)
      const { table } = buildSignals(bars)
      const { touches, wrong } = replay(bars, physicsFor(table, 6))
      expect(wrong).toEqual([])
      expect(touches).toBe(table.rows)
      expect(touches).toBeGreaterThan(20_000)
    },
    300_000,
  )

  test('and the encoder turns both into the same floats', async () => {
    const bars = walk({ dates: DATES.slice(0, 3), seed: 32 })
    const physics = physicsFor(buildSignals(bars).table, 7)
    const { table } = buildSignals(bars, { physics })
    const { features } = selectFeatures(await loadSchema(SCHEMA), { stage: 'stage_b', ablation: 'full' })
    const encoder = fitEncoder(table, features)
    const { matrix } = encodeTable(encoder, table)
    const rows = plainRows(table)
    const byMinute = rowsByMinute(rows)
    const live = newLive()
    const out = new Float32Array(encoder.columns.length)
    const wrong: string[] = []
    pushAll(bars, live, ({ minute }) => {
      for (const row of byMinute.get(minute) ?? []) {
        encodeRow(encoder, live.touched(levelOf(row), touchNs(row), 0)?.values(physicsIn(row), 240) ?? {}, out)
        const at = rows.indexOf(row)
        for (const [column, name] of encoder.columns.entries()) {
          if (!Object.is(out[column], matrix.values[column * matrix.rows + at])) wrong.push(`${name} of row ${at}`)
        }
      }
    })
    expect(wrong).toEqual([])
    expect(encoder.columns.length).toBeGreaterThan(80)
  })

  test('and the replay does notice a live row made from other bars', () => {
    const bars = walk({ dates: DATES, seed: 31, absent: 0.1 })
    const expected = rowsByMinute(plainRows(buildSignals(bars).table))
    const live = createLiveFeatures({ atrBars: 15 })
    const wrong = new Set<string>()
    pushAll(bars, live, ({ minute }) => {
      for (const row of expected.get(minute) ?? []) {
        const values = live.touched(levelOf(row), touchNs(row), 0)?.values(undefined, 240) ?? {}
        for (const name of differing(values, row, knownColumns)) wrong.add(name)
      }
    })
    expect([...wrong].toSorted()).toEqual(
      knownColumns
        .map(({ name }) => name)
        .filter((name) => /^atr$|_atr$/.test(name))
        .toSorted(),
    )
  })
})

describe('a supposed touch', () => {
  test('has the features that the table gives where the bands reach every level near the price', () => {
    const bars = walk({ dates: DATES.slice(0, 2), seed: 33 })
    const wide = { touchBand: 3, monitorBand: 3 }
    const expected = rowsByMinute(plainRows(buildSignals(bars, wide).table))
    const live = newLive()
    // What is remembered of touches differs: with the wide bands there are many more.
    const columns = knownColumns.filter(({ name }) => !/^prior_touches$|^attempt_/.test(name))
    const wrong = new Set<string>()
    const kinds = new Map<string, number>()
    pushAll(bars, live, ({ minute }) => {
      for (const row of expected.get(minute) ?? []) {
        const supposed = live.supposed(levelOf(row), row['direction'] === 'UP' ? 1 : -1)
        const values = supposed?.values(undefined, Infinity) ?? {}
        for (const name of differing(values, row, columns)) wrong.add(`${name} of ${String(row['level_kind_name'])}`)
        kinds.set(levelOf(row).kind, (kinds.get(levelOf(row).kind) ?? 0) + 1)
      }
    })
    expect([...wrong]).toEqual([])
    expect([...kinds.keys()].toSorted()).toEqual(
      'OR_HIGH OR_LOW PM_HIGH PM_LOW ROUND SESSION_HIGH SESSION_LOW SMA_200 VWAP'.split(' '),
    )
  })
})
