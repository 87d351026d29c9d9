import { ANCHORS, type Anchor, atAnchor, type MinuteBar, signOf, touchOutcome } from '@breakwater/features'
import { expect, test } from 'vitest'
import { minutesFrom, type Prices, signalsOf } from './signal-days.ts'

const NS_PER_MINUTE = 60_000_000_000n

/** A session of bars that walk, with some minutes absent and one long hole. */
function walk(): (Prices | null)[] {
  let [price, seed] = [500, 7]
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  return Array.from({ length: 390 }, (_, i) => {
    const open = price
    price = Math.round((price + random() * 1.2 - 0.6) * 100) / 100
    const bar: Prices = [open, Math.max(open, price) + 0.1, Math.min(open, price) - 0.1, price]
    return random() < 0.03 || (i > 200 && i < 215) ? null : bar
  })
}

test('touchOutcome gives the labels of the signals table, at each anchor', () => {
  const rows = minutesFrom('2024-02-20', '09:30', walk())
  const openMinute = Number((rows[0]?.[0] ?? 0n) / NS_PER_MINUTE)
  const bars = rows.map(([ts, open, high, low, close, volume]): MinuteBar => ({
    minute: Number(ts / NS_PER_MINUTE),
    open,
    high,
    low,
    close,
    volume,
  }))
  const touches = signalsOf(rows).rows
  expect(touches.length).toBeGreaterThan(200)
  const seen = new Set<unknown>()
  for (const row of touches) {
    const sign = signOf(String(row['direction'])) === 1 ? 1 : -1
    const minute = Number((row['ts_ns'] as bigint) / NS_PER_MINUTE)
    const touch = {
      minute,
      price: Number(row['level_price']),
      sign,
      openMinute,
      closeMinute: openMinute + 390,
    } as const
    for (const anchor of ANCHORS) {
      const { outcome, numbers } = touchOutcome(bars, touch, { anchor })
      const column = (name: string, at: Anchor = anchor): unknown => row[atAnchor(name, at)]
      expect(outcome).toBe(column('outcome'))
      expect(numbers.excursion_max).toBe(column('excursion_max'))
      expect(numbers.time_to_break_1).toBe(column('time_to_break_1'))
      seen.add(outcome)
    }
  }
  expect(seen).toEqual(new Set(['BREAK', 'BOUNCE', 'CHOP', 'UNDEFINED']))
})
