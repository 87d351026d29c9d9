import { featureDrifts } from '@breakwater/evaluation/sets'
import type { Table } from '@breakwater/features'
import { featureBaseline } from '@breakwater/models'
import { expect, test } from 'vitest'
import { uniforms, weekdays } from './seeded.ts'

const [SESSIONS, ROWS] = [weekdays(12), 50]
const random = uniforms(3)
const dateOf = (row: number): number => Math.floor(row / ROWS)
const rows = SESSIONS.length * ROWS
const values = Float64Array.from({ length: rows }, (_, row) => {
  // From the ninth session on values are twice as high; the last two lack every second one.
  if (dateOf(row) >= 10 && row % 2 === 0) return Number.NaN
  return Math.fround(random() * (dateOf(row) >= 8 ? 2 : 1))
})
const kinds = ['A', 'B', 'C']
const table: Table = {
  rows,
  columns: {
    date: { type: 'string', dictionary: SESSIONS, codes: Int32Array.from({ length: rows }, (_, row) => dateOf(row)) },
    atr: { type: 'number', values },
    kind: {
      type: 'string',
      dictionary: kinds,
      codes: Int32Array.from({ length: rows }, (_, row) => (dateOf(row) === 11 ? 2 : row % 2)),
    },
  },
}
const train = Uint8Array.from({ length: rows }, (_, row) => Number(dateOf(row) < 8))
const baseline = featureBaseline(
  table,
  [
    { name: 'atr', kind: 'number' },
    { name: 'kind', kind: 'category', categories: ['A', 'B'] },
  ] as never,
  train,
)

/** Values of some sessions that are not missing. */
const known = (from: number, to: number): number[] =>
  Array.from(values.slice(from * ROWS, to * ROWS)).filter((value) => !Number.isNaN(value))

/** The stability index of a session by its formula, from the values themselves. */
function stabilityByHand(session: number): number {
  const sorted = known(0, 8).toSorted((a, b) => a - b)
  const ends = Array.from({ length: 9 }, (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / 10) - 1] ?? 0)
  const share = (all: readonly number[], bin: number): number =>
    Math.max(
      1e-4,
      all.filter((value) => value > (ends[bin - 1] ?? -Infinity) && value <= (ends[bin] ?? Infinity)).length /
        all.length,
    )
  const own = known(session, session + 1)
  return Array.from({ length: 10 }, (_, bin) => {
    const [a, e] = [share(own, bin), share(sorted, bin)]
    return (a - e) * Math.log(a / e)
  }).reduce((sum, term) => sum + term, 0)
}

test('has the stability index of each session against the training rows, and what is missing or new', () => {
  const { dates, rows: counts, trained, features } = featureDrifts({ table, baseline, trained: SESSIONS.slice(0, 8) })
  expect(dates).toEqual(SESSIONS)
  expect(counts).toEqual(SESSIONS.map(() => ROWS))
  expect(trained).toEqual(SESSIONS.map((_, session) => session < 8))
  const [atr, kind] = features
  for (const session of SESSIONS.keys()) expect(atr?.stability[session]).toBeCloseTo(stabilityByHand(session), 10)
  expect(Math.min(...(atr?.stability.slice(8) ?? []).map(Number))).toBeGreaterThan(
    Math.max(...(atr?.stability.slice(0, 8) ?? []).map(Number)),
  )
  const meanByHand = (from: number, to: number): number =>
    SESSIONS.slice(from, to).reduce((sum, _, i) => sum + stabilityByHand(from + i), 0) / (to - from)
  expect(atr?.meanInTraining).toBeCloseTo(meanByHand(0, 8), 10)
  expect(atr?.meanAfter).toBeCloseTo(meanByHand(8, 12), 10)
  expect(atr?.missing).toEqual([...Array.from({ length: 10 }, () => 0), 0.5, 0.5])
  expect(atr?.missingInTraining).toBe(0)
  expect(kind?.unseen).toEqual([...Array.from({ length: 11 }, () => 0), 1])
  expect(kind?.stability[11]).toBeNull()
})

test('leaves out features that the table lacks, and tells no mean where there is no session', () => {
  const gone = { name: 'gone', rows: 1, missing: 0, edges: [], words: [], shares: [1] }
  const { features } = featureDrifts({ table, baseline: [gone, ...baseline], trained: [] })
  expect(features.map(({ name, meanInTraining }) => [name, meanInTraining])).toEqual([
    ['atr', null],
    ['kind', null],
  ])
  expect(featureDrifts({ table, baseline, trained: SESSIONS }).features[0]?.meanAfter).toBeNull()
})
