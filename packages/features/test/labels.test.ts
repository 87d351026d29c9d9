import { deriveHeads, parseHeadName } from '@breakwater/features'
import type { Anchor, HeadOptions, Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { headIn, hitAt, quiet, tableOf, touchWith } from './labelled-touches.ts'
import type { LabelledTouch } from './naive-heads.ts'
import { numbers } from './tables.ts'

/** What one head says of one touch: its target, or the reason for the mask. */
const answer = (name: string, change: Partial<LabelledTouch>, options: HeadOptions = {}): unknown => {
  const { values, counts } = headIn(deriveHeads(tableOf([touchWith(change)]), options), name)
  return counts.used === 1 ? values[0] : Object.keys(counts.masked)[0]
}

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}

describe('the heads', () => {
  test('are those of the request at every anchor that the table has', () => {
    const primary = deriveHeads(tableOf([quiet])).map(({ name }) => name)
    expect(primary).toHaveLength(3 + 6 * 4)
    expect(primary).toEqual(
      expect.arrayContaining([
        'tradeable_2',
        'direction',
        'strength_signed',
        't1_60s',
        't2_300s',
        't1_break_60s',
        't2_bounce_180s',
      ]),
    )
    const late = deriveHeads(tableOf([quiet], '_8min'), { horizons: [480] })
    expect(late.map(({ name }) => name)).toContain('t1_break_480s_8min')
    expect(late.every(({ anchor, anchorSeconds }) => anchor === '8min' && anchorSeconds === 480)).toBe(true)
    expect(late.map(({ name }) => parseHeadName(name)?.anchor)).toEqual(late.map(() => '8min'))
  })

  test('take the suffixed column before the unsuffixed one at 4min', () => {
    const plain = tableOf([touchWith({ strength: 1 })])
    const suffixed = tableOf([touchWith({ strength: -2 })], '_4min')
    const both: Table = { rows: 1, columns: { ...plain.columns, ...suffixed.columns } }
    expect(headIn(deriveHeads(both), 'strength_signed').values[0]).toBe(-2)
    expect(headIn(deriveHeads(plain), 'strength_signed').values[0]).toBe(1)
  })

  test('have a task, and count positives only where there are any to count', () => {
    const heads = deriveHeads(tableOf([touchWith({ outcome: 'BREAK', tradeable2: 1, strength: 1 })]))
    expect(headIn(heads, 'strength_signed')).toMatchObject({ task: 'regression', counts: { positives: null } })
    expect(headIn(heads, 'direction')).toMatchObject({ task: 'binary', counts: { positives: 1, used: 1, masked: {} } })
  })
})

describe('direction', () => {
  test.each<[Partial<LabelledTouch>, unknown]>([
    [{ outcome: 'BREAK', tradeable2: 1 }, 1],
    [{ outcome: 'BOUNCE', tradeable2: 1 }, 0],
    [{ outcome: 'CHOP', tradeable2: 0 }, 'not tradeable'],
    [{ outcome: 'CHOP', tradeable2: 1 }, 'not tradeable'],
    [{ outcome: 'BREAK', tradeable2: 0 }, 'not tradeable'],
    [{ outcome: 'UNDEFINED', tradeable2: 1 }, 'undefined outcome'],
    [{ outcome: 'BREAK', tradeable2: Number.NaN }, 'undefined outcome'],
    [{ outcome: 'BREAK', tradeable2: 1, spot: 102 }, 'already reached at the anchor'],
    [{ outcome: 'BREAK', tradeable2: 1, spot: 97.5 }, 'already reached at the anchor'],
    [{ outcome: 'BREAK', tradeable2: 1, spot: Number.NaN }, 'price missing at the anchor'],
    [{ outcome: 'BREAK', tradeable2: 1, level: Number.NaN }, 'price missing at the anchor'],
  ])('%j gives %j', (change, expected) => {
    expect(answer('direction', change)).toBe(expected)
  })
})

describe('tradeable_2 and strength_signed', () => {
  test.each<[string, Partial<LabelledTouch>, unknown]>([
    ['tradeable_2', { tradeable2: 0 }, 0],
    ['tradeable_2', { tradeable2: 1, outcome: 'BREAK' }, 1],
    // One bar that reached both sides: which was first is unknown, that $2 was reached is not.
    ['tradeable_2', { tradeable2: 1, outcome: 'UNDEFINED' }, 1],
    ['tradeable_2', { tradeable2: 1, outcome: 'UNDEFINED', window: 420 }, 'undefined outcome'],
    ['tradeable_2', { spot: 98 }, 'already reached at the anchor'],
    ['tradeable_2', { spot: 98.01 }, 0],
    ['strength_signed', { strength: -1.25 }, -1.25],
    ['strength_signed', { strength: 3, spot: 103 }, 3],
    ['strength_signed', { strength: Number.NaN }, 'undefined outcome'],
    ['strength_signed', { outcome: 'UNDEFINED' }, 'undefined outcome'],
  ])('%s: %j gives %j', (name, change, expected) => {
    expect(answer(name, change)).toBe(expected)
  })
})

describe('a reach head', () => {
  test.each<[string, Partial<LabelledTouch>, unknown]>([
    ['t1_60s', hitAt({ t1: 0 }), 1],
    ['t1_60s', hitAt({ t1: 60 }), 0],
    ['t1_120s', hitAt({ t1: 60 }), 1],
    ['t1_60s', {}, 0],
    ['t1_60s', { window: 60 }, 0],
    ['t1_120s', { window: 60 }, 'window incomplete'],
    ['t1_120s', { window: 60, ...hitAt({ t1: 0 }) }, 'window incomplete'],
    ['t1_60s', { window: Number.NaN }, 'window incomplete'],
    ['t1_60s', { window: 0 }, 'window incomplete'],
    ['t1_break_60s', { spot: 101 }, 'already reached at the anchor'],
    ['t1_bounce_60s', { spot: 101 }, 0],
    ['t1_60s', { spot: 101 }, 'already reached at the anchor'],
    ['t2_60s', { spot: 101 }, 0],
    ['t1_break_60s', { spot: 99, up: false }, 'already reached at the anchor'],
    ['t1_bounce_60s', { spot: 99, up: false }, 0],
    ['t1_60s', { spot: Number.NaN }, 'price missing at the anchor'],
    ['t2_break_180s', hitAt({ t2_break: 120 }), 1],
    ['t2_bounce_180s', hitAt({ t2_break: 120 }), 0],
    ['t1_60s', { outcome: 'UNDEFINED' }, 0],
  ])('%s: %j gives %j', (name, change, expected) => {
    expect(answer(name, change)).toBe(expected)
  })

  test.each<[number, number, unknown]>([
    [90, 0, 1],
    [90, 60, 'hit straddles the horizon'],
    [90, 120, 0],
    [59, 0, 'hit straddles the horizon'],
    [61, 60, 'hit straddles the horizon'],
  ])('with a horizon of %i s and a hit at %i s says %j', (horizon, hit, expected) => {
    expect(answer(`t1_${horizon}s`, hitAt({ t1: hit }), { horizons: [horizon] })).toBe(expected)
  })

  test('measures what is already reached with the thresholds given', () => {
    const options: HeadOptions = { thresholds: [0.5, 1] }
    expect(answer('t1_60s', { spot: 100.5 }, options)).toBe('already reached at the anchor')
    expect(answer('t1_60s', { spot: 100.5 })).toBe(0)
    expect(answer('tradeable_2', { spot: 101 }, options)).toBe('already reached at the anchor')
  })

  test('takes a distance of cents as the decimal that it is', () => {
    expect(answer('t1_60s', { level: 500.1, spot: 501.1 })).toBe('already reached at the anchor')
  })
})

describe('files that do not say what their windows cover', () => {
  test('count a row as covered where its outcome is defined, and mask it where it is not', () => {
    const table = tableOf([quiet, touchWith({ outcome: 'UNDEFINED', ...hitAt({ t1: 0 }) })], '', false)
    const head = headIn(deriveHeads(table), 't1_300s')
    expect([...head.values]).toEqual([0, Number.NaN])
    expect(head.counts.masked).toEqual({ 'window incomplete': 1 })
  })
})

describe('a mistake is refused', () => {
  const { anchor_spot: _, ...withoutSpot } = tableOf([quiet]).columns
  const { level_price: __, ...withoutLevel } = tableOf([quiet]).columns
  test.each<[() => unknown, string]>([
    [
      () => deriveHeads(tableOf([quiet]), { horizons: [481] }),
      'RangeError: features: horizons=481: must be whole seconds above 0 and at most 480, the label window.',
    ],
    [() => deriveHeads(tableOf([quiet]), { horizons: [0] }), 'features: horizons=0: '],
    [() => deriveHeads(tableOf([quiet]), { horizons: [60.5] }), 'features: horizons=60.5: '],
    [
      () => deriveHeads(tableOf([quiet]), { thresholds: [2, 1] }),
      'features: thresholds=2,1: must be two numbers above 0, the second greater.',
    ],
    [() => deriveHeads(tableOf([quiet]), { resolutionSeconds: -1 }), 'features: resolutionSeconds=-1: '],
    [
      () => deriveHeads(tableOf([quiet]), { anchors: [] }),
      'features: anchors=[]: must name at least one anchor with labels.',
    ],
    [
      () => deriveHeads(tableOf([quiet]), { anchors: ['3min' as Anchor] }),
      'features: anchors=3min: must be among 2min, 4min, 8min.',
    ],
    [
      () => deriveHeads(tableOf([quiet]), { anchors: ['8min'] }),
      'features: table.outcome_8min: the label column is missing. Leave anchor 8min out, or write the signals again.',
    ],
    [
      () => deriveHeads({ rows: 1, columns: withoutSpot }),
      'features: table.anchor_spot_4min: the label column is missing.',
    ],
    [() => deriveHeads({ rows: 1, columns: withoutLevel }), 'features: table.level_price: the column is missing.'],
    [() => deriveHeads({ rows: 1, columns: { level_price: numbers([1]) } }), 'features: anchors=[]'],
  ])('%#', (run, message) => {
    expect(messageOf(run)).toContain(message)
  })
})
