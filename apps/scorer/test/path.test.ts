import { assert, constantFrom, integer, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { priceWithin } from '#src/replay/path'

const cents = integer({ min: 1, max: 100_000 }).map((value) => value / 100)
const bar = tuple(cents, cents, cents, cents).map((prices) => {
  const sorted = prices.toSorted((a, b) => a - b)
  return { open: prices[0], close: prices[1], high: sorted[3] as number, low: sorted[0] as number }
})

test('the walk through a bar stays inside it and ends at its extremes and its close', () => {
  assert(
    property(bar, constantFrom(60, 240), (prices, ticks) => {
      const walk = Array.from({ length: ticks }, (_, i) => priceWithin(prices, (i + 1) / ticks))
      expect(Math.min(...walk, prices.open)).toBe(prices.low)
      expect(Math.max(...walk)).toBe(prices.high)
      expect(walk.at(-1)).toBe(prices.close)
      const [third, twoThirds] = [walk[ticks / 3 - 1], walk[(2 * ticks) / 3 - 1]]
      const rises = prices.close >= prices.open
      expect([third, twoThirds]).toEqual(rises ? [prices.low, prices.high] : [prices.high, prices.low])
    }),
  )
})
