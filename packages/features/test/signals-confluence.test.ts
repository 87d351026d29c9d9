import { describe, expect, test } from 'vitest'
import { minutesFrom, ofKind, signalsOf, still } from './signal-days.ts'
import type { Prices, SignalValues } from './signal-days.ts'

const PRIOR = ['2024-02-15', '2024-02-16', '2024-02-20']
const TODAY = '2024-02-21'
const SESSION = 390

/**
 * The touch of 480 at 09:53 of a day on which price stands still at `today`, after three sessions at 500 with a stretch at
 * `oldest` that is just leaving the window of the SMA 400 and one at 450 that is just leaving the window of the SMA 200.
 */
function touchAfter(today: number, oldest: number): SignalValues | undefined {
  const before = (minute: number): number => {
    if (minute < -776) return oldest
    return minute >= -396 && minute < -376 ? 450 : 500
  }
  const prior = PRIOR.flatMap((date, i) =>
    minutesFrom(
      date,
      '09:30',
      Array.from({ length: SESSION }, (_, m): Prices => {
        const price = before(m - (3 - i) * SESSION)
        return [price, price, price, price]
      }),
    ),
  )
  const { rows } = signalsOf([...prior, ...minutesFrom(TODAY, '09:30', still(today, 30))])
  return ofKind(rows, 'ROUND').find((row) => row['date'] === TODAY && row['bars_since_open'] === 23)
}

describe('confluence alignment', () => {
  test('is 1 when both SMAs lie beyond the level, rise toward where the approach goes and spread apart', () => {
    const row = touchAfter(479.95, 450)
    expect(row).toMatchObject({ direction: 'UP', confluence_alignment: 1 })
    expect(Number(row?.['sma_200'])).toBeGreaterThan(480)
    expect(Number(row?.['sma_400_slope'])).toBeGreaterThan(0)
  })

  test('is -1 when the same SMAs lie behind an approach from above', () => {
    expect(touchAfter(480.05, 450)).toMatchObject({ direction: 'DOWN', confluence_alignment: -1 })
  })

  test('is 0 when the spread narrows', () => {
    const row = touchAfter(479.95, 300)
    expect(row).toMatchObject({ direction: 'UP', confluence_alignment: 0 })
    expect(Number(row?.['sma_200_slope'])).toBeGreaterThan(0)
    expect(Number(row?.['sma_400_slope'])).toBeGreaterThan(Number(row?.['sma_200_slope']))
  })

  test('is 0 when the slopes disagree', () => {
    expect(touchAfter(479.95, 520)).toMatchObject({ confluence_alignment: 0 })
  })

  test('is missing without both SMAs', () => {
    const { rows } = signalsOf(minutesFrom(TODAY, '09:30', still(479.95, 3)))
    expect(ofKind(rows, 'ROUND')[0]).toMatchObject({ sma_400: Number.NaN, confluence_alignment: Number.NaN })
  })
})

describe('confluence with key levels', () => {
  test('counts, weighs and measures the others, and leaves the touched one out', () => {
    const preMarket = minutesFrom(TODAY, '09:00', [[499.8, 500.1, 499.5, 499.8]])
    const session = minutesFrom(TODAY, '09:30', [
      [500.1, 500.15, 499.9, 500.1],
      [500.1, 500.2, 500, 500.05],
    ])
    const { rows } = signalsOf([...preMarket, ...session])
    const high = ofKind(rows, 'PM_HIGH').find((row) => row['bars_since_open'] === 1)
    // Others: PM_LOW 499.5, SESSION_HIGH 500.15, SESSION_LOW 499.9, VWAP 500.05.
    const score = 0.6 * (1 - 0.05 / 0.2) + 0.6 * (1 - 0.2 / 0.2) + 0.7 * (1 - 0.05 / 0.2)
    expect(high?.['confluence_count']).toBe(3)
    expect(high?.['confluence_weighted_score']).toBeCloseTo(score, 8)
    expect(high?.['confluence_min_distance']).toBeCloseTo(0.05, 8)
    expect(high?.['confluence_pressure']).toBeCloseTo(score / (1 + 0.6 + 0.6 + 0.7), 8)
  })

  test('has no distance and no pressure where there is no other key level', () => {
    const { rows } = signalsOf(minutesFrom(TODAY, '09:30', still(500.05, 1)))
    expect(rows[0]).toMatchObject({
      confluence_count: 0,
      confluence_weighted_score: 0,
      confluence_min_distance: Number.NaN,
      confluence_pressure: Number.NaN,
    })
  })
})
