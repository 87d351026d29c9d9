import type { FeatureBaseline } from '@breakwater/models'
import { createDriftWatch, type DriftState, type DriftWatch, stabilityOf } from '@breakwater/monitor'
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

/** Sessions by name: later ones come later. */
const dateOf = (session: number): string => String(session).padStart(4, '0')

/** What one feature's evidence is after sessions whose values are given; null is missing. */
function evidenceAfter(feature: FeatureBaseline, sessions: readonly (readonly (number | null)[])[]): number {
  const watch = createDriftWatch([feature])
  for (const [session, values] of sessions.entries()) {
    watch.begin(dateOf(session))
    for (const value of values) watch.take({ [feature.name]: value })
  }
  watch.begin('end')
  return watch.features()[0]?.evidence ?? Number.NaN
}

/** A watch after `sessions` sessions of 20 rows, of which nearly all are alike: prices of a day hang together. */
function watched(
  seed: number,
  sessions: number,
  drifts: boolean,
): { readonly watch: DriftWatch; readonly found: number } {
  const random = randomNumbers(seed)
  const watch = createDriftWatch([number, word])
  let found = Infinity
  for (let session = 0; session <= sessions; session++) {
    if (watch.begin(dateOf(session)).length > 0) found = Math.min(found, session)
    const level = drifts ? 3.5 : 4 * random()
    const isMissing = random() < 0.1
    const kind = random() < 0.7 ? 'A' : 'B'
    for (let row = 0; row < 20; row++) watch.take({ atr: isMissing ? null : level, kind })
  }
  return { watch, found }
}

/** Capital lost after so many sessions on unseen words and missing values: their share is 0, and counts as 0.01. */
const lost = (after: number): number => {
  const begun = [0.5, 1 / 6].slice(0, after)
  return (
    [0.5, 0.1].reduce((sum, stake) => {
      const left = begun.reduce((kept, part) => (kept + part) * (1 - stake), 0)
      return sum + (begun.reduce((a, b) => a + b, 0) - left) / 2
    }, 0) *
    (2 / 6)
  )
}

describe('drift', () => {
  test('the stability index is that of the formula, by hand', () => {
    // (.5-.25) ln 2 + 2 (.25-.25) ln 1 + (0.0001-.25) ln(.0001/.25)
    const expected = 0.25 * Math.log(2) + (0.0001 - 0.25) * Math.log(0.0001 / 0.25)
    expect(stabilityOf(number.shares, [20, 10, 10, 0])).toBeCloseTo(expected, 12)
    expect(stabilityOf(number.shares, [0, 0, 0, 0])).toBeNull()
  })

  test('evidence is 1 on average over all sessions of two rows that hang together or not', () => {
    const even = { ...number, missing: 0 }
    const bins = [0.5, 1.5, 2.5, 3.5]
    const together = bins.map((value) => [value, value])
    const apart = bins.flatMap((a) => bins.map((b) => [a, b]))
    for (const draws of [together, apart]) {
      const one = draws.reduce((sum, draw) => sum + evidenceAfter(even, [draw]), 0) / draws.length
      expect(one).toBeCloseTo(1 - lost(1), 12)
      const pairs = draws.flatMap((a) => draws.map((b) => [a, b]))
      const two = pairs.reduce((sum, pair) => sum + evidenceAfter(even, pair), 0) / pairs.length
      expect(two).toBeCloseTo(1 - lost(2), 12)
    }
  })

  test('of 1,000 runs of 250 sessions in which days differ by chance alone, at most 1% raise an alarm', () => {
    const alarmed = Array.from({ length: 1000 }, (_, i) => watched(i + 1, 250, false)).filter(
      ({ found }) => found < Infinity,
    ).length
    expect(alarmed).toBeLessThanOrEqual(10)
  }, 120_000)

  test('a feature that has moved is found in some sessions, once, and one that has not is left alone', () => {
    const { watch, found } = watched(1, 40, true)
    expect(found).toBeLessThanOrEqual(16)
    expect(watch.features().map(({ name, alarmed }) => [name, alarmed])).toEqual([
      ['atr', true],
      ['kind', false],
    ])
  })

  test('missing values, unseen words and rows unlike any are counted by session, and a state goes on', () => {
    const watch = createDriftWatch([number, word])
    watch.begin('2024-07-01')
    watch.take({ atr: Number.NaN, kind: 'C' })
    watch.take({ atr: 1, kind: 'A' })
    watch.lookUp(true)
    watch.lookUp(false)
    expect(watch.features()).toMatchObject([
      { name: 'atr', rows: 2, missing: 0.5, missingInTraining: 0.1 },
      { name: 'kind', unseen: 0.5, missing: 0 },
    ])
    expect(watch.outOfDistribution()).toBe(0.5)
    const state = JSON.parse(JSON.stringify(watch.state())) as DriftState
    const again = createDriftWatch([number, word], { state })
    expect(again.state()).toEqual(watch.state())
    for (const one of [watch, again]) one.begin('2024-07-02')
    expect(again.features()).toEqual(watch.features())
    expect(watch.outOfDistribution()).toBeNull()
    expect(watch.features()[0]).toMatchObject({ rows: 0, stability: null })
  })

  test('a word that training never had, in every row, is found', () => {
    const watch = createDriftWatch([word])
    const found = Array.from({ length: 12 }, (_, session) => {
      const raised = watch.begin(dateOf(session))
      watch.take({ kind: 'C' })
      return raised.map(({ name, unseen }) => `${session} ${name} ${unseen}`)
    }).flat()
    expect(found).toEqual(['2 kind 1'])
  })
})
