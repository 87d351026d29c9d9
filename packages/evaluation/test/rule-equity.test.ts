import { ruleEquities } from '@breakwater/evaluation/sets'
import { describe, expect, test } from 'vitest'
import { byHand, inputOf, quantile, SESSIONS, type Touch, touches } from './rule-sample.ts'
import { uniforms, weekdays } from './seeded.ts'

describe('the equity of a rule', () => {
  const result = ruleEquities(inputOf(touches, { least: [0.6, 0, 0.25], cost: 0.03 }))

  test('is the sum of trades that a plain loop makes, session by session, for rising thresholds', () => {
    expect(result.dates).toEqual(SESSIONS)
    expect(result.rules.map(({ least }) => least)).toEqual([0, 0.25, 0.6])
    for (const rule of result.rules) {
      const trades = byHand(rule.least, 0.03)
      expect(rule.trades).toBe(trades.length)
      expect(rule.won).toBeCloseTo(trades.filter(({ dollars }) => dollars > 0).length / trades.length, 12)
      for (const [s, date] of SESSIONS.entries()) {
        const sum = trades.filter((trade) => trade.date <= date).reduce((total, { dollars }) => total + dollars, 0)
        expect(rule.cumulative[s]).toBeCloseTo(sum, 10)
      }
      expect(rule.total.estimate).toBeCloseTo(rule.cumulative.at(-1) ?? Number.NaN, 10)
      expect(rule.perTrade.estimate).toBeCloseTo((rule.cumulative.at(-1) ?? 0) / trades.length, 10)
      const overlapping = trades.filter((trade, i) =>
        trades.some(
          (other, j) =>
            i !== j &&
            other.date === trade.date &&
            (other.second < trade.second || (other.second === trade.second && j < i)) &&
            trade.second - other.second < 300,
        ),
      )
      expect(rule.overlapping).toBe(overlapping.length)
    }
  })

  test('leaves out and counts touches whose later price is not known', () => {
    const unresolved = touches.filter(
      ({ tradeable, spot, level, future }) => tradeable >= 0 && Math.abs(spot - level) < 2 && Number.isNaN(future),
    )
    expect(result.rules[0]?.unresolved).toBe(unresolved.length)
    expect(unresolved.length).toBeGreaterThan(0)
  })

  test('a dearer trade costs each trade that much', () => {
    const [free, dear] = [0, 0.5].map((cost) => ruleEquities(inputOf(touches, { least: [0.25], cost })).rules[0])
    expect((free?.total.estimate ?? 0) - (dear?.total.estimate ?? 0)).toBeCloseTo(0.5 * (free?.trades ?? 0), 9)
  })

  test('has the interval of all ways to draw the sessions so far, where they can be listed', () => {
    const three = touches.filter(({ date }) => date <= (SESSIONS[2] ?? ''))
    const { rules } = ruleEquities(inputOf(three, { least: [0], resampling: { seed: 1, samples: 20_000, level: 0.8 } }))
    const { cumulative = [], low, high } = rules[0] ?? {}
    const sums = cumulative.map((total, s) => total - (cumulative[s - 1] ?? 0))
    expect([low?.[0], high?.[0]]).toEqual([null, null])
    for (const count of [2, 3]) {
      const draws = Array.from({ length: count ** count }, (_, code) =>
        Array.from({ length: count }, (_unused, place) => sums[Math.floor(code / count ** place) % count] ?? 0).reduce(
          (total, one) => total + one,
          0,
        ),
      )
      expect(low?.[count - 1]).toBeCloseTo(quantile(draws, 0.1), 9)
      expect(high?.[count - 1]).toBeCloseTo(quantile(draws, 0.9), 9)
    }
  })

  test('covers the truth where trades have none: of 60 markets whose prices wander, about 95% of intervals hold 0', () => {
    const held = Array.from({ length: 60 }, (_, market) => {
      const own = uniforms(100 + market)
      const wandering = weekdays(40).flatMap((date) =>
        Array.from({ length: 5 }, (_unused, i): Touch => ({
          date,
          second: 600 * i,
          level: 500,
          direction: own() < 0.5 ? 'UP' : 'DOWN',
          spot: 500,
          future: 500 + 2 * own() - 1,
          tradeable: 1,
          breaks: own(),
        })),
      )
      const options = { least: [0], cost: 0, resampling: { seed: 1, samples: 400 } }
      const { low, high } = ruleEquities(inputOf(wandering, options)).rules[0]?.total ?? {}
      return (low ?? 0) <= 0 && (high ?? 0) >= 0
    }).filter(Boolean).length
    expect(held).toBeGreaterThanOrEqual(52)
    expect(held).toBeLessThan(60)
  })

  test('without a trade is flat, and its intervals say why there are none', () => {
    const rule = ruleEquities(
      inputOf(
        touches.map((touch) => ({ ...touch, tradeable: 0.1 })),
        { least: [0.5] },
      ),
    ).rules[0]
    expect(rule).toMatchObject({ trades: 0, overlapping: 0, won: null, total: { estimate: 0, low: 0, high: 0 } })
    expect(rule?.perTrade).toMatchObject({ estimate: null, reason: 'the score does not exist on these rows' })
    expect(new Set(rule?.cumulative)).toEqual(new Set([0]))
  })

  test('refuses validation rows, a negative cost, and a threshold that is no share', () => {
    const input = inputOf(touches)
    expect(() => ruleEquities({ ...input, predictions: { ...input.predictions, role: 'validation' } })).toThrow(
      'evaluation: predictions.role=validation: must be test: validation rows have chosen the number of trees.',
    )
    expect(() => ruleEquities({ ...input, cost: -1 })).toThrow('evaluation: cost=-1: must be dollars of at least 0')
    expect(() => ruleEquities({ ...input, least: [2] })).toThrow('evaluation: least=2: must be a share from 0 to 1.')
  })
})
