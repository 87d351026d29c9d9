import { assert, double, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FAN_PROBABILITIES, fanBands } from '#src/browser/charts/fan'

const bandOf = (input: Parameters<typeof fanBands>[0], probability: number): ReturnType<typeof fanBands>[number] => {
  const band = fanBands(input).find((one) => one.probability === probability)
  if (band === undefined) throw new Error(`no band of ${probability}`)
  return band
}

/** P(price reaches x) where price stands at 0. */
const p = (x: number): number => Math.exp(-2 * x)

describe('fanBands', () => {
  test('a threshold that is reached with the probability of a band is where the band ends', () => {
    const input = {
      displacement: -0.2,
      thresholds: [1, 2],
      horizons: [60],
      beyond: [[0.5], [0.1]],
      back: [[0.25], [0.01]],
    }
    expect(bandOf(input, 0.5).beyond).toEqual([
      { seconds: 0, displacement: -0.2 },
      { seconds: 60, displacement: 1 },
    ])
    expect(bandOf(input, 0.1).beyond.at(-1)?.displacement).toBeCloseTo(2, 12)
    expect(bandOf(input, 0.25).back.at(-1)?.displacement).toBeCloseTo(-1, 12)
  })

  test('between two thresholds the probability falls as an exponential does', () => {
    const input = {
      displacement: 0,
      thresholds: [1, 2],
      horizons: [60],
      beyond: [[p(1)], [p(2)]],
      back: [[p(1)], [p(2)]],
    }
    for (const q of FAN_PROBABILITIES) {
      expect(bandOf(input, q).beyond.at(-1)?.displacement).toBeCloseTo(-Math.log(q) / 2, 12)
      expect(bandOf(input, q).back.at(-1)?.displacement).toBeCloseTo(Math.log(q) / 2, 12)
    }
  })

  test('nothing is extrapolated: where the last threshold is likelier than the band, the band ends there', () => {
    const input = {
      displacement: 0,
      thresholds: [1, 2],
      horizons: [60],
      beyond: [[0.9], [0.8]],
      back: [[null], [null]],
    }
    expect(bandOf(input, 0.1).beyond.at(-1)?.displacement).toBe(2)
    expect(bandOf(input, 0.1).back).toEqual([])
  })

  test('a threshold that price is beyond says nothing more', () => {
    const input = { displacement: 1.5, thresholds: [1, 2], horizons: [60], beyond: [[1], [0.5]], back: [[0.2], [0.1]] }
    expect(bandOf(input, 0.5).beyond.at(-1)?.displacement).toBe(2)
    expect(bandOf(input, 0.1).back.at(-1)?.displacement).toBeCloseTo(-2, 12)
  })

  test('wider bands are farther out, and later horizons where probabilities rise', () => {
    const share = double({ min: 0, max: 1, noNaN: true })
    assert(
      property(share, share, share, share, double({ min: -0.9, max: 0.9, noNaN: true }), (a, b, c, d, displacement) => {
        const [near0, near1] = [Math.min(a, b), Math.max(a, b)]
        const rows = [
          [near0, near1],
          [near0 * Math.min(c, d), near1 * Math.max(c, d)],
        ]
        const bands = fanBands({ displacement, thresholds: [1, 2], horizons: [60, 300], beyond: rows, back: rows })
        for (const [i, { beyond, back }] of bands.entries()) {
          const wider = bands[i - 1]
          for (const [j, point] of beyond.entries()) {
            expect(point.displacement).toBeLessThanOrEqual((wider?.beyond[j]?.displacement ?? 2) + 1e-9)
            expect(point.displacement).toBeGreaterThanOrEqual((beyond[j - 1]?.displacement ?? displacement) - 1e-9)
          }
          for (const [j, point] of back.entries()) {
            expect(point.displacement).toBeGreaterThanOrEqual((wider?.back[j]?.displacement ?? -2) - 1e-9)
          }
        }
      }),
    )
  })
})
