import { ruleEquities, thresholdReturns } from '@breakwater/evaluation/sets'
import { describe, expect, test } from 'vitest'
import { byHand, inputOf, quantile, SESSIONS, touches } from './rule-sample.ts'

const COSTS = [0, 0.03, 0.5]
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0)

describe('acting on the thresholds of a head', () => {
  const heads = [
    { name: 'direction', least: [0.9, 0.6, 0.2] },
    { name: 'tradeable_2', least: [0.5, 0] },
  ]
  const { heads: found, sessions, holdSeconds } = thresholdReturns({ ...inputOf(touches), heads, costs: COSTS })

  test('comes to the trades that a plain loop makes of its own forecasts, after each cost', () => {
    expect([sessions, holdSeconds]).toEqual([SESSIONS.length, 300])
    for (const { name, least } of heads) {
      const returns = found.get(name) ?? []
      expect(returns.map((one) => one.least)).toEqual(least)
      for (const [t, share] of least.entries()) {
        for (const [c, cost] of COSTS.entries()) {
          const trades = byHand(share, cost, name === 'direction' ? 'breaks' : 'tradeable').map(
            ({ dollars }) => dollars,
          )
          expect(trades.length).toBeGreaterThan(5)
          expect(returns[t]?.trades).toBe(trades.length)
          expect(returns[t]?.total[c]?.estimate).toBeCloseTo(sum(trades), 9)
          expect(returns[t]?.perTrade[c]?.estimate).toBeCloseTo(sum(trades) / trades.length, 9)
        }
      }
    }
  })

  test('is the equity of the rule for the head that the rule reads', () => {
    const { rules } = ruleEquities(inputOf(touches, { least: [0.5], cost: 0.03 }))
    const [one] = found.get('tradeable_2') ?? []
    expect(one).toMatchObject({ trades: rules[0]?.trades, overlapping: rules[0]?.overlapping })
    expect(one?.unresolved).toBe(rules[0]?.unresolved)
    for (const key of ['perTrade', 'total'] as const) {
      const [told, equity] = [one?.[key][1], rules[0]?.[key]]
      for (const end of ['estimate', 'low', 'high'] as const) expect(told?.[end]).toBeCloseTo(equity?.[end] ?? 0, 9)
    }
  })

  test('has the intervals of all ways to draw three sessions', () => {
    const three = touches.filter(({ date }) => date <= (SESSIONS[2] ?? ''))
    const asked = { heads: [{ name: 'direction', least: [0.6] }], costs: [0.03] }
    const resampling = { seed: 1, samples: 20_000, level: 0.8 }
    const [one] = thresholdReturns({ ...inputOf(three, { resampling }), ...asked }).heads.get('direction') ?? []
    const bySession = SESSIONS.slice(0, 3).map((date) =>
      byHand(0.6, 0.03, 'breaks').flatMap((trade) => (trade.date === date ? [trade.dollars] : [])),
    )
    const draws = Array.from({ length: 27 }, (_, code) =>
      [0, 1, 2].flatMap((place) => bySession[Math.floor(code / 3 ** place) % 3] ?? []),
    )
    for (const [end, q] of [
      ['low', 0.1],
      ['high', 0.9],
    ] as const) {
      expect(one?.total[0]?.[end]).toBeCloseTo(quantile(draws.map(sum), q), 9)
      const means = draws.map((dollars) => sum(dollars) / dollars.length)
      expect(one?.perTrade[0]?.[end]).toBeCloseTo(quantile(means, q), 9)
    }
  })

  test('leaves out heads without forecasts or of an anchor without prices, and refuses validation rows, costs and thresholds', () => {
    const input = { ...inputOf(touches), costs: [0] }
    const none = [
      { name: 't1_60s', least: [0.5] },
      { name: 'direction_8min', least: [0.5] },
    ]
    expect(thresholdReturns({ ...input, heads: none }).heads.size).toBe(0)
    const { predictions } = input
    expect(() => thresholdReturns({ ...input, heads, predictions: { ...predictions, role: 'validation' } })).toThrow(
      'evaluation: predictions.role=validation: must be test',
    )
    expect(() => thresholdReturns({ ...input, heads, costs: [0, -1] })).toThrow('evaluation: cost=-1: must be dollars')
    expect(() => thresholdReturns({ ...input, heads: [{ name: 'direction', least: [1.5] }] })).toThrow(
      'evaluation: least=1.5: must be a share from 0 to 1.',
    )
  })
})
