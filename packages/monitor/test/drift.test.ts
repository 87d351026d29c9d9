import type { FeatureBaseline } from '@breakwater/models'
import { createDriftWatch, stabilityOf, type DriftState } from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { randomNumbers } from './market.ts'

const number: FeatureBaseline = {
  name: 'atr',
  rows: 10_000,
  missing: 0.1,
  edges: [1, 2, 3],
  words: [],
  shares: [0.25, 0.25, 0.25, 0.25],
}
const word: FeatureBaseline = {
  name: 'kind',
  rows: 10_000,
  missing: 0,
  edges: [],
  words: ['A', 'B'],
  shares: [0.7, 0.3],
}

/** A watch after `rows` rows of `atr` below 4 to the power of `power`, which leaves the shares alone at 1. */
function watched(seed: number, rows: number, power: number): ReturnType<typeof createDriftWatch> {
  const random = randomNumbers(seed)
  const watch = createDriftWatch([number, word])
  watch.begin('2024-07-01')
  for (let i = 0; i < rows; i++) watch.take({ atr: 4 * random() ** power, kind: random() < 0.7 ? 'A' : 'B' })
  return watch
}

describe('drift', () => {
  test('the stability index is that of the formula, by hand', () => {
    // (.5-.25) ln 2 + 2 (.25-.25) ln 1 + (0.0001-.25) ln(.0001/.25)
    const expected = 0.25 * Math.log(2) + (0.0001 - 0.25) * Math.log(0.0001 / 0.25)
    expect(stabilityOf(number.shares, [20, 10, 10, 0])).toBeCloseTo(expected, 12)
    expect(stabilityOf(number.shares, [0, 0, 0, 0])).toBeNull()
  })

  test('the e-process has mean 1 under the training shares after three rows, over all 64 of them', () => {
    let mean = 0
    for (let path = 0; path < 64; path++) {
      const watch = createDriftWatch([number])
      watch.begin('2024-07-01')
      for (const bin of [path & 3, (path >> 2) & 3, path >> 4]) watch.take({ atr: bin + 0.5 })
      mean += Math.exp(watch.features()[0]?.logEvidence ?? 0) / 64
    }
    expect(mean).toBeCloseTo(1, 12)
  })

  test('rows as in training stay below the bound in 200 runs but for a few, and drifted ones pass it', () => {
    const runs = Array.from({ length: 200 }, (_, i) => watched(i + 1, 150, 1).features()[0]?.logEvidence ?? 0)
    expect(runs.filter((log) => log >= Math.log(100)).length).toBeLessThanOrEqual(8)
    const drifted = watched(1, 150, 2).features()
    expect(drifted[0]?.logEvidence).toBeGreaterThan(Math.log(100))
    expect(drifted[0]?.stability).toBeGreaterThan(0.1)
    expect(drifted[1]?.logEvidence).toBeLessThan(Math.log(100))
  })

  test('missing values, unseen words and rows unlike any are counted by session', () => {
    const watch = createDriftWatch([number, word])
    watch.begin('2024-07-01')
    watch.take({ atr: Number.NaN, kind: 'C' }, true)
    watch.take({ atr: 1, kind: 'A' })
    expect(watch.features()).toMatchObject([
      { name: 'atr', rows: 2, missing: 0.5, missingInTraining: 0.1 },
      { name: 'kind', unseen: 1, missing: 0 },
    ])
    expect(watch.outOfDistribution()).toBe(0.5)
    const again = createDriftWatch([number, word], JSON.parse(JSON.stringify(watch.state())) as DriftState)
    expect(again.state()).toEqual(watch.state())
    watch.begin('2024-07-02')
    expect(watch.outOfDistribution()).toBeNull()
    expect(watch.features()[0]).toMatchObject({ rows: 0, stability: null })
  })
})
