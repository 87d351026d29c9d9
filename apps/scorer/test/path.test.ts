import { assert, constantFrom, integer, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { priceWithin } from '#src/replay/path'

const cents = integer({ min: 1, max: 100_000 }).map((value) => value / 100)
const bar = tuple(cents, cents, cents, cents).map((prices) => {
  const sorted = prices.toSorted((a, b) => a - b)
  return { open: prices[0], close: prices[1], high: sorted[3] as number, low: sorted[0] as number }
})

test('the walk through a bar begins at its open, stays inside it, meets its extremes and ends at its close', () => {
  assert(
    property(bar, constantFrom(60, 240), (prices, ticks) => {
      const walk = Array.from({ length: ticks + 1 }, (_, i) => priceWithin(prices, i / ticks))
      expect(Math.min(...walk)).toBe(prices.low)
      expect(Math.max(...walk)).toBe(prices.high)
      expect([walk[0], walk.at(-1)]).toEqual([prices.open, prices.close])
      const [third, twoThirds] = [walk[ticks / 3], walk[(2 * ticks) / 3]]
      const rises = prices.close >= prices.open
      expect([third, twoThirds]).toEqual(rises ? [prices.low, prices.high] : [prices.high, prices.low])
    }),
  )
})
