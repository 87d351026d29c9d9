import {
  logLoss,
  logLossBySession,
  meanAbsoluteError,
  meanValueBySession,
  sessionBlockBootstrap,
} from '@breakwater/calibration'
import type { ForecastBlock, GroupSummary, SeenRows } from '@breakwater/evaluation'
import { headForecasts } from '@breakwater/evaluation'
import { summarise, summariseEpisodes } from '@breakwater/evaluation/sets'
import type { Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { blocks, ROWS, TARGETS } from './block-sample.ts'

/**
 * The blocks of the sample with two reach heads that ask what tradeable and direction do, and a law between the truth and a
 * coin.
 */
function withReach(): ForecastBlock[] {
  const [tradeable, direction] = TARGETS
  if (tradeable === undefined || direction === undefined) throw new Error('the sample has both')
  const renamed = [
    { ...tradeable, name: 't1_60s' },
    { ...direction, name: 't1_break_60s' },
  ]
  return blocks().map((block) => ({
    ...block,
    targets: [...TARGETS, ...renamed],
    columns: new Map(
      [...block.columns, ['law', lawOf(block)] as const].map(([id, heads]) => {
        const again = [
          ['t1_60s', heads.get('tradeable_2')],
          ['t1_break_60s', heads.get('direction')],
        ] as const
        return [
          id,
          new Map([...heads, ...again.flatMap(([name, values]) => (values ? [[name, values] as const] : []))]),
        ]
      }),
    ),
  }))
}

function lawOf({ columns }: ForecastBlock): Map<string, Float64Array> {
  return new Map(
    [...(columns.get('calibrated') ?? [])].map(([name, p]) => [name, p.map((value) => 0.5 * value + 0.25)]),
  )
}

const HEADS = ['tradeable_2', 'direction', 't1_60s', 't1_break_60s', 't2_60s'].map((name) => ({
  name,
  anchor: '4min' as const,
  task: 'binary' as const,
}))
const STRENGTH = { name: 'strength_signed', anchor: '4min' as const, task: 'regression' as const }
const IDS = { served: 'calibrated', law: 'law', base: 'raw', seed: 5 }
const summary = summarise({ blocks: withReach(), heads: [...HEADS, STRENGTH], ...IDS })

/** Losses of a head, one a scored row. */
function lossesOf(name: string): { served: number; law: number; base: number; rows: number } {
  const { forecasts } = headForecasts(withReach(), { name, task: 'binary' })
  const loss = (id: string): number => logLoss(forecasts.columns.get(id) ?? [], forecasts.targets)
  return { served: loss('calibrated'), law: loss('law'), base: loss('raw'), rows: forecasts.targets.length }
}

const known = (group: GroupSummary | null): GroupSummary => {
  if (group === null) throw new Error('the group was scored')
  return group
}

const even: SeenRows = (_, { mask }) => mask.map((bit, row) => Number(bit !== 0 && row % 2 === 0))

const minute = (row: number): bigint => BigInt(60 * Math.floor(row / 2) + (row % 2))

describe('the summary of a set', () => {
  test('has the log loss of a single head with the interval that its rows give', () => {
    const { forecasts } = headForecasts(withReach(), { name: 'direction', task: 'binary' })
    const p = forecasts.columns.get('calibrated') ?? new Float64Array()
    const score = { loss: logLossBySession(p, forecasts.targets) }
    const { loss } = sessionBlockBootstrap(forecasts.sessions, score, { seed: 5 })
    const { mean_log_loss: ours, rows, sessions, heads } = known(summary.direction)
    expect([heads, rows, sessions]).toEqual([1, p.length, 12])
    for (const part of ['estimate', 'low', 'high'] as const)
      expect(ours[part]).toBeCloseTo(loss[part] ?? Number.NaN, 12)
  })

  test('has for several heads the mean of their means, and what it saves beside the base column', () => {
    const [one, two] = [lossesOf('t1_60s'), lossesOf('t1_break_60s')]
    const reach = known(summary.reach)
    expect(reach.heads).toBe(2)
    expect(reach.mean_log_loss.estimate).toBeCloseTo((one.served + two.served) / 2, 12)
    expect(reach.beyond_base.estimate).toBeCloseTo((one.base + two.base - one.served - two.served) / 2, 12)
    // The truth beats the overconfident column beyond doubt.
    expect(known(summary.direction).beyond_base.low).toBeGreaterThan(0)
    // A touch that two heads see is one.
    expect(reach.rows).toBe(Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % 10 !== 9).length)
  })

  test('says what is saved beyond the law, with the interval of the paired rows', () => {
    const [one, two] = [lossesOf('t1_60s'), lossesOf('t1_break_60s')]
    const saved = (one.law + two.law - one.served - two.served) / 2
    expect(known(summary.reach).beyond_law.estimate).toBeCloseTo(saved, 12)
    const { forecasts } = headForecasts(withReach(), { name: 'direction', task: 'binary' })
    const [p, law] = ['calibrated', 'law'].map((id) => forecasts.columns.get(id) ?? new Float64Array()) as [
      Float64Array,
      Float64Array,
    ]
    const gains = Float64Array.from(
      p,
      (_, row) =>
        logLoss([law[row] as number], [forecasts.targets[row] as number]) -
        logLoss([p[row] as number], [forecasts.targets[row] as number]),
    )
    const { gain } = sessionBlockBootstrap(forecasts.sessions, { gain: meanValueBySession(gains) }, { seed: 5 })
    for (const part of ['estimate', 'low', 'high'] as const)
      expect(known(summary.direction).beyond_law[part]).toBeCloseTo(gain[part] ?? Number.NaN, 12)
  })

  test('counts strength in dollars', () => {
    const { forecasts } = headForecasts(withReach(), STRENGTH)
    const error = (id: string): number => meanAbsoluteError(forecasts.columns.get(id) ?? [], forecasts.targets)
    const { strength } = summary
    expect(strength?.mae.estimate).toBeCloseTo(error('calibrated'), 12)
    expect(strength?.beyond_law.estimate).toBeCloseTo(error('law') - error('calibrated'), 12)
    expect(strength?.rows).toBe(ROWS)
  })

  test('counts what is still to come in dollars too, both ways together', () => {
    const forms = [
      ['strength_ahead', 1],
      ['beyond_ahead', 1.1],
      ['back_ahead', 0.7],
    ] as const
    const signed = TARGETS.find(({ name }) => name === STRENGTH.name)
    if (signed === undefined) throw new Error('the sample has strength')
    const ahead = withReach().map((block) => ({
      ...block,
      targets: [...block.targets, ...forms.map(([name]) => ({ ...signed, name }))],
      columns: new Map(
        [...block.columns].map(([id, heads]) => {
          const dollars = heads.get(STRENGTH.name) ?? new Float64Array()
          return [id, new Map([...heads, ...forms.map(([name, by]) => [name, dollars.map((x) => by * x)] as const)])]
        }),
      ),
    }))
    const named = forms.map(([name]) => ({ name, anchor: '4min' as const }))
    const found = summarise({ blocks: ahead, heads: [...HEADS, STRENGTH], ahead: named, ...IDS })
    const { forecasts } = headForecasts(ahead, STRENGTH)
    const errorOf = (id: string, by: number): number =>
      meanAbsoluteError(
        (forecasts.columns.get(id) ?? new Float64Array()).map((x) => by * x),
        forecasts.targets,
      )
    expect(found.strength_ahead).toEqual(found.strength)
    const [beyond, back] = [errorOf('calibrated', 1.1), errorOf('calibrated', 0.7)]
    expect(found.extremes_ahead?.heads).toBe(2)
    expect(found.extremes_ahead?.mae.estimate).toBeCloseTo((beyond + back) / 2, 12)
    const base = (errorOf('raw', 1.1) + errorOf('raw', 0.7)) / 2
    expect(found.extremes_ahead?.beyond_base.estimate).toBeCloseTo(base - (beyond + back) / 2, 12)
    expect(summary.strength_ahead).toBeNull()
  })

  test('says that there is nothing beyond a law that forecasts none of the heads', () => {
    const none = summarise({ blocks: blocks(), heads: HEADS.slice(0, 2), ...IDS })
    const reason = 'the law does not forecast this head'
    expect(known(none.direction).beyond_law).toEqual({ estimate: null, low: null, high: null, reason })
    expect(known(none.direction).beyond_base.estimate).toBe(known(summary.direction).beyond_base.estimate)
  })

  test('is of the primary anchor where that was trained, else of the first; a group without rows is null', () => {
    expect(summary.anchor).toBe('4min')
    const other = HEADS.map((head) => ({ ...head, name: `${head.name}_8min`, anchor: '8min' as const }))
    const input = { blocks: withReach(), ...IDS }
    expect(summarise({ ...input, heads: other })).toEqual({
      anchor: '8min',
      reach: null,
      tradeable: null,
      direction: null,
      strength: null,
      strength_ahead: null,
      extremes_ahead: null,
    })
    expect(summarise({ ...input, heads: [...other, ...HEADS, STRENGTH] })).toEqual(summary)
  })

  test('has the same figures of the touches alone that begin an episode, where signals tell them', () => {
    expect(summariseEpisodes({ blocks: withReach(), heads: HEADS, ...IDS })).not.toHaveProperty('episodes')
    // Every even row is followed, a minute later, by another touch of its level; the next level is an hour away.
    const paired = withReach().map((block) => ({
      ...block,
      signals: { ...block.signals, table: inPairs(block.signals.table) },
    }))
    const { anchor: _anchor, ...wanted } = summarise({
      blocks: paired,
      heads: [...HEADS, STRENGTH],
      ...IDS,
      seen: even,
    })
    const told = summariseEpisodes({ blocks: paired, heads: [...HEADS, STRENGTH], ...IDS })
    expect(told.episodes).toEqual(wanted)
    expect(told).toMatchObject(summary)
    expect(told.episodes?.strength?.rows).toBe(ROWS / 2)
  })
})

function inPairs({ rows, columns }: Table): Table {
  return {
    rows,
    columns: {
      ...columns,
      ts_ns: { type: 'time', values: BigInt64Array.from({ length: rows }, (_, row) => minute(row) * 60_000_000_000n) },
      level_kind_name: { type: 'string', dictionary: ['ROUND'], codes: new Int32Array(rows) },
      level_price: { type: 'number', values: new Float64Array(rows).fill(500) },
    },
  }
}
