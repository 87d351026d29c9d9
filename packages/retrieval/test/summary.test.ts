import { createSearcher, fitIndex, REACH_NAMES, toPayload } from '@breakwater/retrieval'
import type { Outcomes, ReachName, Summary } from '@breakwater/retrieval'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE_NS, makeTouches, rowOf } from './touches.ts'

const EVER = 2n ** 62n

/** Four touches at scores that lie 0, 1, 2 and 3 of their steps from the query, with outcomes that each show something. */
function fourTouches(changes: Partial<Outcomes> = {}): { summary: Summary; weights: number[] } {
  const touches = makeTouches({ rows: 4, columns: 1, episodeSize: 1 })
  const never = Float32Array.of(NaN, NaN, NaN, NaN)
  const times = Object.fromEntries(REACH_NAMES.map((name) => [name, never])) as Record<ReachName, Float32Array>
  const outcomes: Outcomes = {
    outcome: Int8Array.of(0, 1, 2, -1),
    tradeable2: Float32Array.of(1, 1, 0, NaN),
    strengthSigned: Float32Array.of(2, -3, 0.5, NaN),
    strengthAbs: Float32Array.of(2, 3, 0.5, 1),
    times: {
      ...times,
      threshold1: Float32Array.of(0, NaN, 240, -60),
      break1: Float32Array.of(0, NaN, NaN, NaN),
      bounce1: Float32Array.of(NaN, NaN, 240, NaN),
    },
    observed: Float32Array.of(480, 480, 480, 120),
    ...changes,
  }
  const index = fitIndex({ ...touches.matrix, values: Float32Array.of(0, 1, 2, 3) }, outcomes, touches.metadata)
  const summary = createSearcher(index).query([0], { asOf: EVER, k: 4, horizons: [60, 300, 480, 999] })
  const step = 1 / Math.sqrt(1.25)
  return { summary, weights: [0, 1, 2, 3].map((i) => 1 / (i * step + 1e-6)) }
}

const near = (value: number): unknown => expect.closeTo(value, 5)

describe('a summary by hand', () => {
  const { summary, weights } = fourTouches()
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = weights

  test('the unconditional rates are over defined outcomes, the conditional ones over breaks and bounces', () => {
    const defined = w0 + w1 + w2
    expect(summary).toMatchObject({
      pBreak: near(w0 / defined),
      pBounce: near(w1 / defined),
      pChop: near(w2 / defined),
      pBreakGivenTradeable: near(w0 / (w0 + w1)),
      pBounceGivenTradeable: near(w1 / (w0 + w1)),
      pTradeable2: near((w0 + w1) / defined),
    })
  })

  test('means leave out what is unknown', () => {
    expect(summary.strengthSignedMean).toBeCloseTo((2 * w0 - 3 * w1 + 0.5 * w2) / (w0 + w1 + w2), 5)
    expect(summary.strengthAbsMean).toBeCloseTo((2 * w0 + 3 * w1 + 0.5 * w2 + w3) / (w0 + w1 + w2 + w3), 5)
    expect(summary.timeMeans.threshold1).toBeCloseTo((240 * w2) / (w0 + w2), 5)
    expect(summary.timeMeans.threshold2).toBeNull()
  })

  test('reach probabilities count a reach at the end of its minute, and forget those beyond the threshold before', () => {
    const waiting = w0 + w1 + w2
    expect(summary.horizons).toEqual([60, 300, 480, 999])
    expect(summary.reach.threshold1.probability).toEqual([
      near(w0 / waiting),
      near((w0 + w2) / waiting),
      near((w0 + w2) / waiting),
      null,
    ])
    expect(summary.reach.threshold1.restrictedTo).toBe(480)
    expect(summary.reach.threshold1.restrictedMean).toBeCloseTo((60 * w0 + 480 * w1 + 300 * w2) / waiting, 3)
  })

  test('the first side hit competes with the other', () => {
    const { break: broke, bounce, both } = summary.firstHit[1]
    expect(broke[1]).toBeCloseTo(w0 / (w0 + w1 + w2 + w3), 5)
    expect(bounce[1]).toBeGreaterThan(0)
    expect(both[1]).toBe(0)
    const tied = fourTouches({
      times: { ...fourTimes(), break1: Float32Array.of(60, 60, 60, 60), bounce1: Float32Array.of(60, 60, 60, 60) },
    }).summary.firstHit[1]
    expect([tied.break[1], tied.bounce[1], tied.both[1]]).toEqual([0, 0, 1])
  })

  test('similarity, entropy, effective size and distances follow their formulas', () => {
    const step = 1 / Math.sqrt(1.25)
    const shares = [w0, w1, w2].map((w) => w / (w0 + w1 + w2))
    const entropy = -shares.reduce((sum, p) => sum + p * Math.log(p), 0) / Math.log(3)
    const total = weights.reduce((a, b) => a + b)
    expect(summary).toMatchObject({
      k: 4,
      found: 4,
      rung: 0,
      missing: 0,
      similarity: near([0, 1, 2, 3].reduce((sum, i) => sum + 1 / (1 + i * step), 0) / 4),
      entropy: near(entropy),
      effectiveSize: near(total ** 2 / weights.reduce((sum, w) => sum + w * w, 0)),
      nearestDistance: 0,
      farthestDistance: near(3 * step),
    })
  })
})

const fourTimes = (): Record<ReachName, Float32Array> =>
  Object.fromEntries(REACH_NAMES.map((name) => [name, Float32Array.of(NaN, NaN, NaN, NaN)])) as Record<
    ReachName,
    Float32Array
  >

/** Every number inside a value. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((part) => numbersIn(part))
}

test('a summary holds no NaN and no infinity, shares add up, and its payload is JSON', () => {
  const shape = fc.record({
    rows: fc.integer({ min: 2, max: 60 }),
    seed: fc.integer(),
    missing: fc.constantFrom(0, 0.5, 0.9),
    wild: fc.boolean(),
  })
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 80 }), (options, k, minutes) => {
      const touches = makeTouches({ columns: 12, ...options })
      const { matrix, outcomes, metadata } = touches
      fc.pre(new Set(matrix.values.subarray(0, matrix.rows).filter((x) => !Number.isNaN(x))).size > 1)
      const index = fitIndex(matrix, outcomes, metadata, { k: 3 })
      const asked = { k, asOf: BigInt(minutes) * MINUTE_NS, filters: { direction: 'UP' }, neighbours: true }
      const summary = createSearcher(index).query(rowOf(matrix, 0), asked)
      for (const number of numbersIn(summary)) expect(Number.isFinite(number)).toBe(true)
      const shares = [summary.pBreak, summary.pBounce, summary.pChop]
      const known = shares.filter((share) => share !== null)
      expect([0, 3]).toContain(known.length)
      expect(known.reduce((a, b) => a + b, 0)).toBeCloseTo(known.length / 3, 9)
      for (const share of [summary.distancePercentile, summary.entropy, summary.similarity]) {
        expect(share ?? 0).toBeGreaterThanOrEqual(0)
        expect(share ?? 0).toBeLessThanOrEqual(1)
      }
      const payload = toPayload(summary)
      expect(JSON.parse(JSON.stringify(payload))).toEqual(payload)
    }),
    { numRuns: 80 },
  )
})

test('the payload has the names of the contract', () => {
  const touches = makeTouches({ rows: 40 })
  const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata)
  const filters = { levelKindName: 'GAMMA_FLIP', gammaBucket: 'SHORT_GAMMA' }
  const payload = toPayload(
    createSearcher(index).query(rowOf(touches.matrix, 3), {
      asOf: EVER,
      filters,
      k: 2,
      horizons: [60, 300],
      neighbours: true,
    }),
  )
  expect(Object.keys(payload)).toEqual(
    expect.arrayContaining([
      'p_break',
      'p_bounce',
      'p_chop',
      'p_break_given_tradeable',
      'p_bounce_given_tradeable',
      'p_tradeable_2',
      'strength_signed_mean',
      'strength_abs_mean',
      'similarity',
      'entropy',
      'distance_percentile',
      'neighbours',
    ]),
  )
  const reached = ['threshold_1', 'threshold_2', 'break_1', 'break_2', 'bounce_1', 'bounce_2']
  expect(Object.keys(payload)).toEqual(expect.arrayContaining(reached.map((name) => `time_to_${name}_mean`)))
  expect(payload).toMatchObject({
    dropped: ['gamma_bucket', 'level_kind_name'],
    reach_probability: { t1_break: { 60: expect.any(Number) as number } },
    first_hit_probability: { t2: { both: { 300: expect.any(Number) as number } } },
    neighbours: [
      { event_id: 'event-3', distance: 0, ts_ns: String(3n * MINUTE_NS), level_kind_name: expect.anything() as string },
      {},
    ],
  })
})

test('a query far from everything is at the 100th percentile, a training row is not', () => {
  const touches = makeTouches({ rows: 400, columns: 20, seed: 3, sessionSize: 10 })
  const searcher = createSearcher(fitIndex(touches.matrix, touches.outcomes, touches.metadata, { k: 10 }))
  const far = touches.matrix.columns.map(() => 50)
  expect(searcher.query(far, { asOf: EVER }).distancePercentile).toBe(1)
  const percentiles = Array.from({ length: 100 }, (_, i) => {
    const eventId = `event-${4 * i}`
    const excludeSession = `session${Math.floor((4 * i) / 10)}`
    return searcher.query(rowOf(touches.matrix, 4 * i), { asOf: EVER, eventId, excludeSession }).distancePercentile ?? 0
  })
  // Unfiltered neighbours lie nearer than the filtered ones that were measured, so the mean lies below a half.
  const mean = percentiles.reduce((a, b) => a + b) / percentiles.length
  expect(mean).toBeGreaterThan(0.01)
  expect(mean).toBeLessThan(0.6)
})
