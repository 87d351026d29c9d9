import {
  addGain,
  beginGain,
  createChallenger,
  createGainWatch,
  gainOf,
  promotionFault,
  questionsOf,
  type PublishedForecast,
  type ResolvedForecast,
} from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { randomNumbers } from './market.ts'

/** Gains of `votes` moments with a mean, each -0.2, 0 or 0.2 around it. */
function run(seed: number, votes: number, mean: number, look: (low: number, high: number) => void): void {
  const random = randomNumbers(seed)
  const state = beginGain()
  for (let i = 0; i < votes; i++) {
    addGain(state, mean + 0.2 * (Math.floor(3 * random()) - 1), 8)
    const { low, high } = gainOf(state)
    look(low, high)
  }
}

describe('the live gain of a challenger', () => {
  test('has an interval that holds the truth at every look in nearly all of 300 runs', () => {
    let left = 0
    for (let seed = 1; seed <= 300; seed++) {
      let isOut = false
      run(seed, 400, 0.01, (low, high) => (isOut ||= low > 0.01 || high < 0.01))
      left += Number(isOut)
    }
    // More than 28 of 300 would happen with a chance of 0.1% where 5% leave it.
    expect(left).toBeLessThanOrEqual(28)
  })

  test('is told from 0 in time, and narrows', () => {
    let first = 0
    const widths: number[] = []
    run(5, 3000, 0.05, (low, high) => {
      widths.push(high - low)
      if (low > 0 && first === 0) first = widths.length
    })
    expect(first).toBeGreaterThan(50)
    expect(first).toBeLessThan(2000)
    expect(widths.at(-1)).toBeLessThan(0.1)
  })

  test('is the mean over moments of the squared errors saved, by hand', () => {
    const questions = questionsOf()
    const [a, b] = [4, 5]
    const of = (levelId: string, first: number, second: number): PublishedForecast => {
      const values = new Float64Array(questions.length).fill(Number.NaN)
      values[a] = first
      values[b] = second
      const level = { levelId, kind: 'ROUND', price: 500, sign: 1 } as const
      return { ...level, tsNs: 60n, fromNs: 60n, touchNs: null, spot: 500, values, labels: {} }
    }
    const watch = createGainWatch(questions)
    const champion = [of('x', 0.5, 0.5), of('y', 0.5, 0.5)]
    watch.pair(champion, [of('x', 0.9, 0.4), of('z', 0.1, 0.1)])
    const outcomes = new Float64Array(questions.length).fill(Number.NaN)
    outcomes[a] = 1
    outcomes[b] = 0
    const masks = questions.map(() => null)
    const answer = { from: 0, to: questions.length, outcomes, masks, startNs: 60n, knownNs: 120n }
    const resolved = champion.map((forecast): ResolvedForecast => ({ forecast, ...answer }))
    watch.resolve(resolved)
    expect(watch.gain).toMatchObject({ votes: 1, forecasts: 2 })
    expect(watch.gain.mean).toBeCloseTo((0.25 - 0.01 + 0.25 - 0.16) / 2, 12)
    watch.resolve(resolved)
    expect(watch.gain.votes).toBe(1)
  })
})

describe('the guard of a promotion', () => {
  test('lets a challenger through whose interval ends above the margin, and says why it stops another', () => {
    const gain = { votes: 900, forecasts: 9000, mean: 0.01, low: -0.001, high: 0.02 }
    expect(promotionFault(gain, 0.002)).toBeNull()
    expect(promotionFault({ ...gain, low: -0.01 }, 0.002)).toBe(
      'its live gain of 0.0100 [-0.0100, 0.0200] in Brier score over 900 moments includes a loss beyond 0.002',
    )
    expect(promotionFault(null, 0.002)).toContain('nothing has been compared')
  })
})

test('a challenger that is slow drops ticks, counts them, and gets the bars of those that it dropped', () => {
  let now = 0
  const seen: number[] = []
  const challenger = createChallenger<{ readonly bars: readonly number[] }>({
    score: ({ bars }) => {
      now += 4
      seen.push(bars.length)
      return bars.length
    },
    budgetMs: 1,
    stopwatch: () => now,
  })
  const results = Array.from({ length: 9 }, () => challenger.score({ bars: [1] }))
  expect(challenger.counts).toEqual({ scored: 3, dropped: 6 })
  expect(results.filter((result) => result === null)).toHaveLength(6)
  expect(seen.reduce((sum, bars) => sum + bars, 0)).toBeGreaterThanOrEqual(7)
})
