import { ruleEquities, type RuleInput } from '@breakwater/evaluation/sets'
import type { Column, Table } from '@breakwater/features'
import type { Predictions } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { uniforms, weekdays } from './seeded.ts'

/** A touch as the reference reads it. */
interface Touch {
  readonly date: string
  readonly second: number
  readonly level: number
  readonly direction: 'UP' | 'DOWN'
  readonly spot: number
  readonly future: number
  readonly tradeable: number
  readonly breaks: number
}

const numbers = (values: readonly number[]): Column => ({ type: 'number', values: Float64Array.from(values) })
const words = (values: readonly string[]): Column => {
  const dictionary = [...new Set(values)]
  return { type: 'string', dictionary, codes: Int32Array.from(values, (word) => dictionary.indexOf(word)) }
}

function inputOf(touches: readonly Touch[], options: Partial<RuleInput> = {}): RuleInput {
  const ids = touches.map((_, row) => `e${row}`)
  const ts = BigInt64Array.from(
    touches,
    ({ date, second }) => BigInt(Date.parse(`${date}T15:00:00Z`) / 1000 + second) * 1_000_000_000n,
  )
  const table: Table = {
    rows: touches.length,
    columns: {
      event_id: words(ids),
      ts_ns: { type: 'time', values: ts },
      date: words(touches.map(({ date }) => date)),
      direction: words(touches.map(({ direction }) => direction)),
      level_price: numbers(touches.map(({ level }) => level)),
      anchor_spot: numbers(touches.map(({ spot }) => spot)),
      future_price_4min: numbers(touches.map(({ future }) => future)),
    },
  }
  // The last touch is predicted first: rows are found by their event.
  const order = [...touches.keys()].toReversed()
  const served = new Map([
    ['tradeable_2', Float64Array.from(order, (row) => touches[row]?.tradeable ?? Number.NaN)],
    ['direction', Float64Array.from(order, (row) => touches[row]?.breaks ?? Number.NaN)],
  ])
  const predictions: Predictions = {
    role: 'test',
    rows: order.length,
    eventIds: order.map((row) => `e${row}`),
    tsNs: BigInt64Array.from(order, (row) => ts[row] ?? 0n),
    fold: new Float64Array(order.length),
    heads: served,
    calibrated: new Map(),
    law: new Map(),
    tilted: new Map(),
    served,
  }
  return { table, predictions, thresholds: [1, 2], resampling: { seed: 5 }, ...options }
}

const SESSIONS = weekdays(9)
const random = uniforms(11)
const touches = SESSIONS.flatMap((date, session) =>
  // One session has touches whose forecasts are low, so that higher thresholds trade nothing in it.
  Array.from({ length: 40 }, (_, i): Touch => {
    const level = 500 + Math.floor(20 * random())
    const spot = level + 5 * random() - 2.5
    return {
      date,
      second: 60 * (3 * i + Math.floor(6 * random())),
      level,
      direction: random() < 0.5 ? 'UP' : 'DOWN',
      spot: random() < 0.02 ? Number.NaN : spot,
      future: random() < 0.1 ? Number.NaN : spot + 2 * random() - 1,
      tradeable: random() < 0.05 ? Number.NaN : random() * (session === 4 ? 0.3 : 1),
      breaks: i % 10 === 0 ? 0.5 : random(),
    }
  }),
)

/** The rule by hand: buy where a break up or a bounce upwards is the likelier, else sell. */
function byHand(least: number, cost: number): { date: string; second: number; dollars: number }[] {
  const trades = []
  for (const { date, second, level, direction, spot, future, tradeable, breaks } of touches) {
    if (!(tradeable >= least)) continue
    if (!(spot > level - 2 && spot < level + 2) || Number.isNaN(future)) continue
    const up = breaks >= 0.5 ? direction === 'UP' : direction === 'DOWN'
    trades.push({ date, second, dollars: (up ? future - spot : spot - future) - cost })
  }
  return trades
}

/** The least of equally likely values that a share q of them does not exceed. */
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN

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
