import {
  calibrationNullBand,
  eceStatistic,
  expectedCalibrationError,
  overlapOf,
  rateBand,
  reliabilityCurve,
  wilsonInterval,
} from '@breakwater/calibration'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'

interface Planted {
  readonly p: Float64Array
  readonly y: Float64Array
  readonly blocks: Int32Array
}

/** Calibrated forecasts of blocks of `size` rows: one draw and one forecast a block where `shared`, else one a row. */
function planted(blocks: number, size: number, shared: boolean, seed: number): Planted {
  const random = xoroshiro128plus(seed)
  const rows = blocks * size
  const [p, y] = [new Float64Array(rows), new Float64Array(rows)]
  let [forecast, draw] = [0, 0]
  for (let row = 0; row < rows; row++) {
    if (!shared || row % size === 0) [forecast, draw] = [0.1 + 0.8 * uniformFloat64(random), uniformFloat64(random)]
    p[row] = forecast
    y[row] = Number(draw < forecast)
  }
  return { p, y, blocks: Int32Array.from(p, (_, row) => Math.floor(row / size)) }
}

const eceOf = ({ p, y }: Planted): number => expectedCalibrationError(reliabilityCurve(p, y))

const rate = (outcomes: Uint8Array): number => outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length

describe('rows that overlap', () => {
  test('count once a block where a block has one outcome, and each for itself where outcomes are independent', () => {
    const one = planted(2000, 5, true, 1)
    const alone = planted(2000, 5, false, 1)
    const [shared, free] = [one, alone].map(({ p, y, blocks }) => overlapOf(p, y, blocks))
    expect(shared?.correlation).toBeGreaterThan(0.97)
    expect(shared?.effectiveRows).toBeCloseTo(2000, -2)
    expect(free?.correlation).toBeLessThan(0.02)
    expect(free?.effectiveRows).toBeGreaterThan(9400)
  })

  test('have the correlation that a naive sum over pairs gives', () => {
    const { p, y, blocks } = planted(12, 4, true, 3)
    // One bin: centred on the mean of all rows.
    const flat = p.map(() => 0.4)
    const mean = y.reduce((sum, value) => sum + value - 0.4, 0) / y.length
    let [shared, possible] = [0, 0]
    for (const i of p.keys()) {
      for (const j of p.keys()) {
        if (i === j || blocks[i] !== blocks[j]) continue
        shared += ((y[i] as number) - 0.4 - mean) * ((y[j] as number) - 0.4 - mean)
        possible += 0.24
      }
    }
    const { correlation, effectiveRows } = overlapOf(flat, y, blocks)
    expect(correlation).toBeCloseTo(Math.min(1, shared / possible), 12)
    expect(effectiveRows).toBeCloseTo(48 / (1 + 3 * correlation), 10)
  })

  test('are not more correlated for a forecast that is off alike everywhere', () => {
    const { p, y, blocks } = planted(2000, 5, false, 5)
    expect(
      overlapOf(
        p.map((value) => 0.8 * value),
        y,
        blocks,
      ).correlation,
    ).toBeLessThan(0.02)
  })

  test('widen the band of calibrated forecasts to that of as many independent rows as there are blocks', () => {
    const { p, y, blocks } = planted(300, 6, true, 7)
    const overlap = { ...overlapOf(p, y, blocks), correlation: 1 }
    const wide = calibrationNullBand(p, eceStatistic(), { seed: 1, samples: 2000, overlap })
    const each = p.filter((_, row) => row % 6 === 0)
    const fewer = calibrationNullBand(each, eceStatistic(), { seed: 2, samples: 2000 })
    for (const end of ['low', 'median', 'high'] as const) expect(wide[end]).toBeCloseTo(fewer[end], 2)
    const naive = calibrationNullBand(p, eceStatistic(), { seed: 1, samples: 2000 })
    expect(naive.high).toBeLessThan(wide.median)
  })

  test.each([true, false])(
    'hold a calibrated forecast in its band about as often as the band says (shared: %s)',
    (shared) => {
      const tries = Array.from({ length: 200 }, (_, i) => planted(150, 6, shared, 100 + i))
      const inside = tries.filter((each) => {
        const overlap = overlapOf(each.p, each.y, each.blocks)
        const band = calibrationNullBand(each.p, eceStatistic(), { seed: 4, samples: 200, overlap })
        return eceOf(each) <= band.high
      })
      // 97.5% are below the upper end; of 200, 183 to 200 are within three deviations.
      expect(inside.length).toBeGreaterThanOrEqual(185)
    },
  )

  test('leave their band far too often where they are drawn as independent', () => {
    const tries = Array.from({ length: 200 }, (_, i) => planted(150, 6, true, 100 + i))
    const naive = tries.filter((each) => eceOf(each) <= calibrationNullBand(each.p, eceStatistic(), { seed: 4 }).high)
    expect(naive.length).toBeLessThan(60)
  })

  test('have a band of rates as wide as drawn outcomes give it', () => {
    const { p, y, blocks } = planted(400, 5, true, 9)
    const overlap = { ...overlapOf(p, y, blocks), correlation: 0.4 }
    const mean = p.reduce((sum, value) => sum + value, 0) / p.length
    const drawn = calibrationNullBand(p, () => rate, { seed: 3, samples: 4000, overlap })
    const { low, median, high, effectiveRows } = rateBand(p, overlap)
    expect(median).toBeCloseTo(mean, 12)
    expect(low).toBeCloseTo(drawn.low, 2)
    expect(high).toBeCloseTo(drawn.high, 2)
    // Equal forecasts: Kish's effective size.
    const flat = rateBand(
      p.map(() => 0.3),
      overlap,
    )
    expect(flat.effectiveRows).toBeCloseTo(2000 / (1 + 4 * 0.4), 8)
    expect(flat.high - 0.3).toBeCloseTo(1.959964 * Math.sqrt(0.21 / flat.effectiveRows), 6)
    expect(effectiveRows).toBeLessThan(2000 / 2)
    expect(rateBand([0.001, 0.001], { codes: Int32Array.of(0, 1), blocks: 2, correlation: 0 }).low).toBe(0)
  })

  test('give Wilson intervals of their effective rows', () => {
    const blocks = Int32Array.from({ length: 100 }, (_, row) => Math.floor(row / 5))
    const p = new Float64Array(100).fill(0.3)
    const y = Float64Array.from(blocks, (block) => Number(block % 4 === 0))
    const overlap = { ...overlapOf(p, y, blocks), correlation: 1 }
    const [bin] = reliabilityCurve(p, y, { bins: 1, overlap }).bins
    expect(bin).toMatchObject({ count: 100, observedRate: 0.25, ...wilsonInterval(5, 20) })
  })

  test('are refused where blocks and rows differ', () => {
    expect(() => overlapOf([0.5, 0.5], [0, 1], [0])).toThrow(/calibration: blocks.length=1: must be .*2/)
  })
})
