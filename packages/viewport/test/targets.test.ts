import { feasibilityGate, mixBreak, shiftLogit } from '@breakwater/viewport'
import type { Predictor, Target } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import {
  answerOf,
  codeOf,
  fakePredictor,
  headNames,
  levelAt,
  mixed,
  modelsOf,
  neighboursOf,
  SECOND,
  snapshotAt,
  START,
} from './fakes.ts'
import { only, ROUND, viewportWith } from './make.ts'

/** The target of the round level near it, by models without one head. */
function without(head: string): Target {
  const heads = headNames().filter((name) => name !== head)
  const { viewport } = viewportWith({ models: modelsOf(fakePredictor(heads)) })
  return only(viewport.tick(snapshotAt(0, 499.6, [ROUND])).targets)
}

/** Rounded away from the middle to four digits. */
const outward = (p: number, way: -1 | 1): number => (way === 1 ? Math.ceil(p * 1e4) : Math.floor(p * 1e4)) / 1e4

/** The target of the round level, by models whose every head gives the same answer and ends. */
function sameOfAll([low, value, high]: readonly [number, number, number], heads = headNames()): Target {
  const predictor: Predictor = {
    ...fakePredictor(heads),
    predict(_rows, count, out) {
      for (const [column, one] of [
        [out.low, low],
        [out.values, value],
        [out.high, high],
      ] as const)
        column.fill(one, 0, heads.length * count)
    },
  }
  const { viewport } = viewportWith({ models: modelsOf(predictor), mix: 'none' })
  return only(viewport.tick(snapshotAt(0, 499.6, [ROUND])).targets)
}

describe('the intervals of heads', () => {
  test('are published of every probability, those of both outcomes as products of their ends', () => {
    const { intervals, intervals_missing: missing, ...target } = sameOfAll([0.3, 0.4, 0.6])
    const every = { 60: [0.3, 0.6], 120: [0.3, 0.6], 180: [0.3, 0.6], 300: [0.3, 0.6] }
    expect(missing).toBeNull()
    expect(intervals).toEqual({
      p_tradeable_2: [0.3, 0.6],
      p_break: [0.09, 0.36],
      p_bounce: [0.12, 0.42],
      p_neither: [0.4, 0.7],
      p_break_given_tradeable: [0.3, 0.6],
      p_bounce_given_tradeable: [0.4, 0.7],
      p_touch: null,
      time_to_threshold: { t1: every, t2: every, t1_break: every, t1_bounce: every, t2_break: every, t2_bounce: every },
    })
    expect([target.p_break_interval, target.p_bounce_interval]).toEqual([intervals?.p_break, intervals?.p_bounce])
  })

  test('are null with a reason where models do not say how sure they are, and where there are no numbers', () => {
    const unsure = sameOfAll([Number.NaN, 0.4, Number.NaN])
    expect([unsure.p_tradeable_2, unsure.intervals, unsure.intervals_missing]).toEqual([0.4, null, 'not_recorded'])
    const { viewport } = viewportWith({ models: modelsOf(null) })
    const none = only(viewport.tick(snapshotAt(0, 499.6, [ROUND])).targets)
    expect([none.p_tradeable_2, none.intervals, none.intervals_missing]).toEqual([null, null, 'no_numbers'])
  })

  test('are whole without a head that there is none of', () => {
    const { intervals, intervals_missing: missing } = sameOfAll(
      [0.3, 0.4, 0.6],
      headNames().filter((name) => name !== 'tradeable_2'),
    )
    expect([intervals?.p_tradeable_2, intervals?.p_break, intervals?.p_break_given_tradeable]).toEqual([
      null,
      null,
      [0.3, 0.6],
    ])
    expect(missing).toBeNull()
  })
})

describe('a level that moves', () => {
  test('is a target at the price that was touched until the window of that touch is over, then where it stands', () => {
    const { viewport } = viewportWith()
    /** The target of VWAP at a second after the start, with price so many cents above it. */
    const seen = (second: number, vwap: number, spot: number): Target =>
      only(viewport.tick(snapshotAt(second, spot, [levelAt('VWAP', vwap)])).targets)
    expect(seen(0, 499.9, 499.5)).toMatchObject({ level_price: 499.9, viewport_state: 'FAR' })
    expect(seen(1, 500, 499.95)).toMatchObject({ level_price: 500, viewport_state: 'TOUCH', elapsed_s: 1 })
    // It follows price up: what price has done since the touch is measured from the touch.
    const during = seen(200, 500.3, 500.4)
    expect(during).toMatchObject({ level_price: 500, viewport_state: 'TOUCH', direction: 'UP' })
    expect([during.distance, during.distance_signed]).toEqual([expect.closeTo(0.4, 9), expect.closeTo(-0.4, 9)])
    expect(seen(240, 500.38, 500.4)).toMatchObject({ level_price: 500, viewport_state: 'CONFIRMATION' })
    // Forty cents beyond what was touched, and at the level where it stands now: a new touch, of that price.
    expect(seen(241, 500.38, 500.41)).toMatchObject({ level_price: 500.38, viewport_state: 'TOUCH', elapsed_s: 1 })
    expect(seen(300, 500.6, 500.9)).toMatchObject({ level_price: 500.38, viewport_state: 'TOUCH' })
    expect(seen(500, 500.7, 501)).toMatchObject({ level_price: 500.38, viewport_state: 'CONFIRMATION' })
    expect(seen(959, 500.8, 501)).toMatchObject({ level_price: 500.38, condition: 'since_touch' })
    expect(seen(960, 500.8, 501)).toMatchObject({ level_price: 500.8, condition: 'given_touch', elapsed_s: null })
  })
})

describe('a target', () => {
  test('is the payload of its level, with each part’s contribution', () => {
    const level = { ...levelAt('ROUND', 500, { gamma_exposure: -90_000, fuel_effect: 'AMPLIFY' }), id: 'r500' }
    const { viewport } = viewportWith()
    const target = only(viewport.tick(snapshotAt(0.25, 499.6, [level])).targets)
    const row = { code: mixed('ROUND', 500, 1) }
    const code = codeOf(Float32Array.of(row.code, 0, Number.NaN))
    const [tradeable, strength] = [answerOf('tradeable_2', code), answerOf('strength_signed', code)]
    const mix = mixBreak(answerOf('direction', code), neighboursOf(row).vote)
    const given = shiftLogit(mix.breakGivenTradeable, 1)
    // Direction alone has an interval, which goes the way of direction.
    const own = answerOf('direction', code)
    const ends = [0.95 * own, Math.min(1, own + 0.02)].map((p) =>
      shiftLogit(mixBreak(p, neighboursOf(row).vote).breakGivenTradeable, 1),
    )
    const [low, high] = [Math.min(...ends, given), Math.max(...ends, given)]
    const none = Object.fromEntries([60, 120, 180, 300].map((h) => [`${h}`, null]))
    expect(target).toEqual({
      level_id: 'r500',
      level_kind_name: 'ROUND',
      level_price: 500,
      direction: 'UP',
      distance: expect.closeTo(0.4, 9) as number,
      distance_signed: expect.closeTo(0.4, 9) as number,
      p_tradeable_2: tradeable,
      p_break: expect.closeTo(tradeable * given, 12) as number,
      p_bounce: expect.closeTo(tradeable * (1 - given), 12) as number,
      p_neither: 1 - tradeable,
      p_break_given_tradeable: expect.closeTo(given, 12) as number,
      p_bounce_given_tradeable: expect.closeTo(1 - given, 12) as number,
      p_break_condition: 'joint_with_tradeable_2',
      p_break_interval: [expect.any(Number), expect.any(Number)],
      p_bounce_interval: [expect.any(Number), expect.any(Number)],
      strength_signed: strength,
      strength_signed_interval: [strength - 0.05 * Math.abs(strength), strength + 0.02],
      strength_abs: Math.abs(strength),
      time_to_threshold: Object.fromEntries(
        ['t1', 't2', 't1_break', 't1_bounce', 't2_break', 't2_bounce'].map((key) => [
          key,
          Object.fromEntries([60, 120, 180, 300].map((h) => [`${h}`, answerOf(`${key}_${h}s`, code)])),
        ]),
      ),
      retrieval: neighboursOf(row).summary,
      ensemble: {
        mix_weight: mix.mixWeight,
        disagreement_penalty: mix.disagreementPenalty,
        difference: mix.difference,
        contributions: mix.contributions,
        reason: mix.reason,
      },
      feasibility_mask: {
        allow_break: true,
        allow_bounce: true,
        break_logit_bias: 1,
        break_shift: expect.closeTo(given - mix.breakGivenTradeable, 12) as number,
        rules: feasibilityGate({
          barrierState: null,
          fuelEffect: 'AMPLIFY',
          tapeImbalance: null,
          gammaExposure: -90_000,
          directionSign: 1,
        }).rules,
      },
      utility_score: tradeable * Math.abs(strength),
      as_of_ts_ns: START + SECOND / 4n,
      elapsed_s: null,
      condition: 'given_touch',
      source: 'heads',
      p_touch: null,
      settled: {},
      intervals: {
        p_tradeable_2: null,
        p_break: null,
        p_bounce: null,
        p_neither: null,
        p_break_given_tradeable: [outward(low, -1), outward(high, 1)],
        p_bounce_given_tradeable: [outward(1 - high, -1), outward(1 - low, 1)],
        p_touch: null,
        time_to_threshold: { t1: none, t2: none, t1_break: none, t1_bounce: none, t2_break: none, t2_bounce: none },
      },
      intervals_missing: 'not_recorded',
      strength_ahead: null,
      expected_extremes: null,
      expected_move: null,
      utility_net: null,
      features: null,
      viewport_state: 'FAR',
      stage: 'stage_a',
      row_basis: 'supposed',
      pinned: false,
      relevance: expect.closeTo(
        0.45 * 0.6 +
          0.2 * Math.tanh((mixed('v', 'ROUND', 500, 0) - 0.5) / 0.5) +
          0.2 * mixed('c', 'ROUND', 500, 0) +
          0.15 * Math.tanh(0.9),
        12,
      ) as number,
      touch_ts_ns: null,
      confirm_ts_ns: null,
      error: null,
    })
  })

  test('has intervals that hold its probabilities, and those of bounce mirror those of break', () => {
    const { viewport } = viewportWith()
    const levels = Array.from({ length: 8 }, (_, i) => levelAt('ROUND', 499.3 + i * 0.2))
    for (const target of viewport.tick(snapshotAt(0, 500, levels)).targets) {
      const [low = Number.NaN, high = Number.NaN] = target.p_break_interval ?? []
      const [bounceLow = Number.NaN, bounceHigh = Number.NaN] = target.p_bounce_interval ?? []
      const tradeable = target.p_tradeable_2 ?? Number.NaN
      expect(low).toBeLessThanOrEqual(target.p_break ?? Number.NaN)
      expect(high).toBeGreaterThanOrEqual(target.p_break ?? Number.NaN)
      expect(high).toBeGreaterThan(low)
      expect(low + bounceHigh).toBeCloseTo(tradeable, 12)
      expect(high + bounceLow).toBeCloseTo(tradeable, 12)
    }
  })

  test('has null fields where heads are missing, and the status names the heads', () => {
    const heads = headNames().filter((name) => !['strength_signed', 't2_break_180s'].includes(name))
    const { viewport } = viewportWith({ models: modelsOf(fakePredictor(heads)) })
    const target = only(viewport.tick(snapshotAt(0, 499.6, [ROUND])).targets)
    expect([target.strength_signed, target.strength_abs, target.utility_score]).toEqual([null, null, null])
    expect(target.time_to_threshold.t2_break['180']).toBeNull()
    expect(target.time_to_threshold.t2_break['120']).toBeGreaterThan(0)
    expect(target.p_break).toBeGreaterThan(0)
    expect([target.retrieval, target.ensemble?.mix_weight, target.ensemble?.reason]).toEqual([
      null,
      1,
      'no retrieval index is loaded',
    ])
    expect(viewport.status().missingHeads.stage_a).toEqual(['strength_signed', 't2_break_180s'])
    expect(viewport.status().hasNeighbours).toEqual({ stage_a: false, stage_b: false })
  })

  test('has no break without a direction head, and no joint one without a tradeable head', () => {
    const noDirection = without('direction')
    expect([noDirection.p_break, noDirection.p_break_given_tradeable, noDirection.ensemble]).toEqual([null, null, null])
    expect([noDirection.feasibility_mask?.break_shift, noDirection.error]).toEqual([null, null])
    const noTradeable = without('tradeable_2')
    expect([noTradeable.p_break, noTradeable.p_bounce, noTradeable.p_neither, noTradeable.p_break_interval]).toEqual(
      Array.from({ length: 4 }, () => null),
    )
    expect(noTradeable.p_break_given_tradeable).toBeGreaterThan(0)
  })

  test('is served by the heads of its timeframe, which also sets the confirmation window', () => {
    const { viewport } = viewportWith({
      models: modelsOf(fakePredictor(headNames('_2min'))),
      timeframe: '2min',
      horizons: [60],
    })
    const target = only(viewport.tick(snapshotAt(10, 500, [levelAt('PM_LOW', 500.05)])).targets)
    expect(target.time_to_threshold.t1).toEqual({
      60: answerOf('t1_60s_2min', codeOf(Float32Array.of(mixed('PM_LOW', 500.05, 1), 0, Number.NaN))),
    })
    expect([target.touch_ts_ns, target.confirm_ts_ns]).toEqual([START + 10n * SECOND, START + 120n * SECOND])
    expect(viewport.status().missingHeads.stage_b).toEqual([])
  })
})
