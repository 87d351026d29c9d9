import { evaluateHead } from '@breakwater/evaluation'
import type { BinaryHead, Forecasts } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { planted } from './forecast-sample.ts'
import { uniforms } from './seeded.ts'

/** Touches of 40 sessions, ten an episode with one outcome. The forecast is right but just short of the threshold. */
function misled(seed: number): Forecasts {
  const base = planted({ sessions: 40, rowsPerSession: 100, seed, columns: { served: (p) => p } })
  const random = uniforms(seed + 1)
  const episodes = Int32Array.from(base.targets, (_, row) => Math.floor(row / 10))
  const moved = Float64Array.from(episodes, () => 1.8 * random() - 0.9)
  const p = Float64Array.from(episodes, () => 0.3)
  const draws = Float64Array.from({ length: 400 }, random)
  const targets = Float64Array.from(episodes, (episode, row) =>
    Number((draws[episode] as number) < ((moved[row] as number) >= 0.5 ? 0.6 : 0.3)),
  )
  return { ...base, targets, episodes, moved, columns: new Map([['served', p]]) }
}

const evaluated = (forecasts: Forecasts): BinaryHead => {
  const head = evaluateHead({
    forecasts,
    anchor: '4min',
    column: 'served',
    thresholds: [1, 2],
    resampling: { seed: 7, samples: 50 },
  })
  if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
  return head
}

const width = ({ band }: BinaryHead['places'][number]): number => band.high - band.low

const bar = ({ reliability }: BinaryHead): number => {
  const bin = reliability[0]?.bins.find(({ count }) => count > 0)
  return (bin?.high ?? 0) - (bin?.low ?? 0)
}

describe('calibration by where price stood', () => {
  const forecasts = misled(3)
  const { places, effective_rows, null_ece, rows } = evaluated(forecasts)

  test('has a cell for each stretch between half thresholds that holds rows, with their rates', () => {
    expect(places.map(({ from, to }) => [from, to])).toEqual([
      [-1, -0.5],
      [-0.5, 0],
      [0, 0.5],
      [0.5, 1],
    ])
    expect(places.reduce((sum, cell) => sum + cell.rows, 0)).toBe(rows)
    const { moved = new Float64Array(), targets } = forecasts
    const inside = [...moved.keys()].filter((row) => (moved[row] as number) >= 0.5)
    const positives = inside.reduce((sum, row) => sum + (targets[row] as number), 0)
    expect(places[3]?.rows).toBe(inside.length)
    expect(places[3]?.observed_rate).toBeCloseTo(positives / inside.length, 12)
    expect(places[3]?.mean_prediction).toBeCloseTo(0.3, 12)
  })

  test('names the cell in which the forecast is off, and holds the others in their bands', () => {
    const inside = places.map(({ observed_rate, band }) => observed_rate >= band.low && observed_rate <= band.high)
    expect(inside).toEqual([true, true, true, false])
    expect(places[3]?.ece).toBeGreaterThan(places[3]?.null_ece.high ?? 1)
  })

  test('draws bands as wide as the overlapping rows are worth', () => {
    // Ten rows of an episode have one outcome, but for the cell that is off; independent rows would have a band of half the width.
    expect(effective_rows).toBeLessThan(rows / 5)
    const free = evaluated({ ...forecasts, episodes: undefined })
    expect(free.effective_rows).toBe(rows)
    for (const [i, cell] of places.entries()) expect(width(cell)).toBeGreaterThan(1.5 * width(free.places[i] ?? cell))
    expect(null_ece.high).toBeGreaterThan(1.5 * free.null_ece.high)
    expect(bar(evaluated(forecasts))).toBeGreaterThan(1.5 * bar(free))
  })

  test('is empty where it is not known where price stood', () => {
    expect(evaluated({ ...forecasts, moved: undefined }).places).toEqual([])
  })
})
