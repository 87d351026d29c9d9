import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aucBySession,
  brierBySession,
  brierScore,
  brierSkillBySession,
  correlation,
  correlationBySession,
  logLoss,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  meanAbsoluteError,
  rmseBySession,
  rocAuc,
  rootMeanSquaredError,
  sessionBlockBootstrap,
  type SessionScore,
} from '@breakwater/calibration'
import { anyForecasts, apart, uniforms } from './forecasts.ts'

/** Rows repeated as often as their session was drawn. */
const repeated = (values: readonly number[], codes: readonly number[], draws: readonly number[]): number[] =>
  values.flatMap((value, row) => Array.from({ length: draws[codes[row] ?? 0] ?? 0 }, () => value))

const sessionsOf = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row % 3)

describe('scores by session', () => {
  test('equal the plain scores of the drawn rows, for any draw', () => {
    const anyDraws = fc.array(fc.nat(3), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(anyForecasts, anyDraws, ({ p, y }, draws) => {
        const codes = sessionsOf(p.length)
        const [pp, yy] = [repeated(p, codes, draws), repeated(y, codes, draws)]
        fc.pre(pp.length > 0)
        const reference = y.map((_, row) => (row % 5) / 4)
        const drawn = (score: SessionScore): number | null =>
          score({ sessions: 3, codes: Int32Array.from(codes) })(Float64Array.from(draws))
        const rate = yy.reduce((sum, value) => sum + value, 0) / yy.length
        const referred = brierScore(repeated(reference, codes, draws), yy)
        const expected: [SessionScore, number | null][] = [
          [brierBySession(p, y), brierScore(pp, yy)],
          [logLossBySession(p, y), logLoss(pp, yy)],
          [aucBySession(p, y), rocAuc(pp, yy).value],
          [brierSkillBySession(p, y), rate % 1 === 0 ? null : 1 - brierScore(pp, yy) / (rate * (1 - rate))],
          [brierSkillBySession(p, y, reference), referred === 0 ? null : 1 - brierScore(pp, yy) / referred],
          [maeBySession(p, y), meanAbsoluteError(pp, yy)],
          [rmseBySession(p, y), rootMeanSquaredError(pp, yy)],
        ]
        for (const [score, value] of expected) {
          expect(apart(drawn(score), value)).toBeLessThan(1e-9)
        }
      }),
    )
  })

  test('give correlation and MAE skill as worked by hand', () => {
    const [x, y] = [
      [1, 2, 3, 4],
      [1, 3, 2, 5],
    ]
    const blocks = { sessions: 2, codes: Int32Array.of(0, 0, 1, 1) }
    const draw = Float64Array.of(2, 1)
    expect(correlationBySession(x ?? [], y ?? [])(blocks)(draw)).toBeCloseTo(
      correlation([1, 2, 1, 2, 3, 4], [1, 3, 1, 3, 2, 5]).value ?? 0,
      12,
    )
    // errors 0, 1, 1, 1 against 2, 0, 1, 2 for always 3; the first session counts twice
    expect(maeSkillBySession(x ?? [], y ?? [], [3, 3, 3, 3])(blocks)(draw)).toBeCloseTo(1 - 4 / 7, 12)
  })

  test('refuse sessions that are not one per row', () => {
    expect(() => sessionBlockBootstrap([0, 1], { brier: brierBySession([0.5], [1]) }, { seed: 1 })).toThrow(
      'calibration: sessions.length=2: must be one per prediction. There are 1 predictions.',
    )
  })
})

/** Mean log loss of the forecast q where it comes true at that rate. */
const entropy = (q: number): number => -q * Math.log(q) - (1 - q) * Math.log(1 - q)

describe('sessionBlockBootstrap', () => {
  const random = uniforms(5)
  const rows = 400
  const p = Array.from({ length: rows }, random)
  const y = p.map((forecast) => Number(random() < forecast))
  const sessions = p.map((_, row) => 7 * Math.floor(row / 20))
  const scores = { brier: brierBySession(p, y), auc: aucBySession(p, y) }

  test('estimates the score of the rows and puts its interval around it', () => {
    const { brier, auc } = sessionBlockBootstrap(sessions, scores, { seed: 1, samples: 500 })
    expect(brier.estimate).toBeCloseTo(brierScore(p, y), 12)
    expect(auc.estimate).toBeCloseTo(rocAuc(p, y).value ?? 0, 12)
    for (const { estimate, low, high, samples, sessions: count } of [brier, auc]) {
      expect(low).toBeLessThan(estimate ?? 0)
      expect(high).toBeGreaterThan(estimate ?? 1)
      expect([samples, count]).toStrictEqual([500, 20])
    }
  })

  test('gives the same bits for the same seed, and the same draws to a score whatever its company', () => {
    const both = sessionBlockBootstrap(sessions, scores, { seed: 9, samples: 200 })
    expect(sessionBlockBootstrap(sessions, scores, { seed: 9, samples: 200 })).toStrictEqual(both)
    expect(sessionBlockBootstrap(sessions, { auc: scores.auc }, { seed: 9, samples: 200 }).auc).toStrictEqual(both.auc)
    expect(sessionBlockBootstrap(sessions, scores, { seed: 10, samples: 200 }).brier.low).not.toBe(both.brier.low)
  })

  test('widens with the level', () => {
    const [half, most, nearlyAll] = [0.5, 0.9, 0.99].map((level) => {
      const { low, high } = sessionBlockBootstrap(sessions, scores, { seed: 2, samples: 300, level }).brier
      return (high ?? 0) - (low ?? 0)
    })
    expect(nearlyAll).toBeGreaterThan(most ?? 1)
    expect(most).toBeGreaterThan(half ?? 1)
  })

  test('has no interval from fewer than two sessions, and says why', () => {
    const { brier } = sessionBlockBootstrap([4, 4], { brier: brierBySession([0.5, 0.5], [0, 1]) }, { seed: 1 })
    expect(brier).toStrictEqual({
      estimate: 0.25,
      low: null,
      high: null,
      samples: 0,
      sessions: 1,
      reason: 'fewer than two sessions: nothing to resample',
    })
  })

  test('has no interval for a score that does not exist, or seldom exists, and says why', () => {
    const oneClass = { auc: aucBySession([0.1, 0.2, 0.3], [0, 0, 0]) }
    expect(sessionBlockBootstrap([0, 1, 2], oneClass, { seed: 1 }).auc).toMatchObject({
      estimate: null,
      low: null,
      reason: 'the score does not exist on these rows',
    })
    const separate = { auc: aucBySession([0.1, 0.2], [0, 1]) }
    const { auc } = sessionBlockBootstrap([0, 1], separate, { seed: 1, samples: 400 })
    expect(auc).toMatchObject({ estimate: 1, low: null, high: null })
    expect(auc.reason).toBe(`the score exists in only ${auc.samples} of 400 resamples`)
  })

  test('covers the truth about as often as it says when sessions differ', () => {
    // 30 sessions of 10 rows, each with its own rate in [0.3, 0.7]; always forecasting 0.3 has the Brier score
    // E (0.3 - y)^2 = 0.5 x 0.09 + 0.5 x 0.49 = 0.29
    const trials = 200
    let covered = 0
    for (let trial = 0; trial < trials; trial++) {
      const draw = uniforms(trial)
      const codes = Array.from({ length: 300 }, (_, row) => Math.floor(row / 10))
      const rates = Array.from({ length: 30 }, () => 0.3 + 0.4 * draw())
      const outcomes = codes.map((session) => Number(draw() < (rates[session] ?? 0)))
      const score = { brier: brierBySession(new Float64Array(300).fill(0.3), outcomes) }
      const { low, high } = sessionBlockBootstrap(codes, score, { seed: trial, samples: 300, level: 0.9 }).brier
      if ((low ?? 1) <= 0.29 && 0.29 <= (high ?? 0)) covered++
    }
    // percentile intervals of 30 sessions cover a little less than 90%; two standard deviations of 200 trials are 4%
    expect(covered / trials).toBeGreaterThan(0.82)
    expect(covered / trials).toBeLessThan(0.95)
  })

  test('covers the true log loss and AUC about as often as it says when sessions differ', () => {
    // 40 sessions of 10 rows. Forecast 0.3 or 0.6 by a coin; it comes true at that rate, moved by the session by up to
    // 0.2 either way. Over sessions the move cancels, so with forecasts q the truth is as if there were none:
    // log loss: mean of the entropies of 0.3 and 0.6; AUC: P(0.6 for a positive, 0.3 for a negative) + ties / 2.
    const [high, low] = [0.6 / 0.9, 0.4 / 1.1]
    const truth = {
      logLoss: (entropy(0.3) + entropy(0.6)) / 2,
      auc: high * (1 - low) + (high * low + (1 - high) * (1 - low)) / 2,
    }
    const trials = 200
    const covered = { logLoss: 0, auc: 0 }
    for (let trial = 0; trial < trials; trial++) {
      const draw = uniforms(1000 + trial)
      const codes = Array.from({ length: 400 }, (_, row) => Math.floor(row / 10))
      const moves = Array.from({ length: 40 }, () => 0.4 * draw() - 0.2)
      const said = codes.map(() => (draw() < 0.5 ? 0.3 : 0.6))
      const came = codes.map((session, row) => Number(draw() < (said[row] ?? 0) + (moves[session] ?? 0)))
      const found = sessionBlockBootstrap(
        codes,
        { logLoss: logLossBySession(said, came), auc: aucBySession(said, came) },
        { seed: trial, samples: 200, level: 0.9 },
      )
      for (const name of ['logLoss', 'auc'] as const) {
        if ((found[name].low ?? 1) <= truth[name] && truth[name] <= (found[name].high ?? 0)) covered[name]++
      }
    }
    for (const name of ['logLoss', 'auc'] as const) {
      expect([name, covered[name] / trials > 0.83]).toStrictEqual([name, true])
      expect([name, covered[name] / trials < 0.96]).toStrictEqual([name, true])
    }
  })

  test('refuses bad options and sessions', () => {
    expect(() => sessionBlockBootstrap(sessions, scores, { seed: 0.5 })).toThrow('calibration: seed=0.5')
    expect(() => sessionBlockBootstrap(sessions, scores, { seed: 1, samples: 0 })).toThrow(
      'calibration: samples=0: must be a whole number of at least 1.',
    )
    expect(() => sessionBlockBootstrap(sessions, scores, { seed: 1, level: 1 })).toThrow('calibration: level=1')
    expect(() => sessionBlockBootstrap([-1], { brier: brierBySession([0.5], [1]) }, { seed: 1 })).toThrow(
      'calibration: sessions[0]=-1: must be a whole number of at least 0.',
    )
  })
})
