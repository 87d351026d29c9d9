import { createSearcher, fitIndex } from '@breakwater/retrieval'
import type { FitOptions } from '@breakwater/retrieval'
import { describe, expect, test } from 'vitest'
import { makeTouches, rowOf } from './touches.ts'
import type { Touches } from './touches.ts'

const EVER = 2n ** 62n
const touches = makeTouches({ rows: 30, columns: 4, sessionSize: 5 })
const searcher = createSearcher(fitIndex(touches.matrix, touches.outcomes, touches.metadata, { k: 5 }))
const row = rowOf(touches.matrix, 0)

const fit = (changes: Partial<Touches>, options: FitOptions = {}): (() => unknown) => {
  const { matrix, outcomes, metadata } = { ...touches, ...changes }
  return () => fitIndex(matrix, outcomes, metadata, options)
}

describe('a query that cannot be asked is an error with its argument, value and rule', () => {
  test.each<[string, ArrayLike<number>, object, string]>([
    ['a short row', row.slice(1), {}, 'retrieval: row.length=3: must be 4, one value a feature'],
    ['an infinite value', [0, Infinity, 0, 0], {}, 'retrieval: row: x1 is Infinity: must be a finite number, or NaN'],
    ['no neighbours', row, { k: 0 }, 'retrieval: k=0: must be a whole number of at least 1'],
    ['half a neighbour', row, { k: 1.5 }, 'retrieval: k=1.5: must be a whole number'],
    ['a cap of nothing', row, { episodeCap: 0 }, 'retrieval: episodeCap=0: must be a whole number'],
    [
      'a NaN filter',
      row,
      { filters: { direction: NaN } },
      'retrieval: filters.direction=NaN: must be a string, or null',
    ],
    ['another filter', row, { filters: { kind: 'UP' } }, 'retrieval: filters.kind: is not one of direction, levelKind'],
    ['no time', row, { asOf: undefined }, 'retrieval: asOf=undefined: must be a bigint of nanoseconds'],
    ['a time in milliseconds', row, { asOf: 1.7e12 }, 'retrieval: asOf=1700000000000: must be a bigint'],
    ['a horizon of 0', row, { horizons: [60, 0] }, 'retrieval: horizons=0: must be seconds above 0'],
  ])('%s', (_, values, options, message) => {
    expect(() => searcher.query(values, { asOf: EVER, ...options })).toThrow(message)
  })

  test('a row without any value has no neighbours, which is an answer', () => {
    const summary = searcher.query([NaN, NaN, NaN, NaN], { asOf: EVER, filters: { direction: 'UP' } })
    expect(summary).toMatchObject({ found: 0, rung: 0, missing: 4, pBreak: null, nearestDistance: null })
  })

  test('an enormous value is far away and not infinitely so', () => {
    expect(searcher.query([3e38, -3e38, 0, 0], { asOf: EVER })).toMatchObject({
      found: 5,
      distancePercentile: 1,
      pBreak: expect.any(Number) as number,
    })
  })
})

describe('an index that cannot be fitted is an error with its argument, value and rule', () => {
  const { matrix, outcomes, metadata } = touches
  const { values } = matrix
  test.each<[string, Partial<Touches>, FitOptions, string]>([
    ['no columns', { matrix: { ...matrix, columns: [] } }, {}, 'retrieval: matrix.columns=[]: must name at least one'],
    [
      'a column twice',
      { matrix: { ...matrix, columns: ['a', 'b', 'a', 'c'] } },
      {},
      'retrieval: matrix.columns: "a" occurs twice',
    ],
    ['short values', { matrix: { ...matrix, values: values.slice(1) } }, {}, 'columns x rows = 4 x 30, got length 119'],
    [
      'an infinite value',
      { matrix: { ...matrix, values: values.with(31, -Infinity) } },
      {},
      'retrieval: matrix.values: column x1, row 1: is -Infinity',
    ],
    ['only constants', { matrix: { ...matrix, values: new Float32Array(120).fill(0.1) } }, {}, 'none of 4 columns has'],
    [
      'outcomes of other rows',
      { outcomes: { ...outcomes, observed: new Float32Array(3) } },
      {},
      'retrieval: outcomes.observed.length=3: must be one entry per row of the matrix, 30',
    ],
    [
      'an unknown outcome',
      { outcomes: { ...outcomes, outcome: new Int8Array(30).fill(3) } },
      {},
      'retrieval: outcomes.outcome[0]=3: must be -1 or an index into BREAK, BOUNCE, CHOP',
    ],
    [
      'an outcome known before its touch',
      { metadata: { ...metadata, resolvedNs: metadata.tsNs.map((at) => at - 1n) } },
      {},
      'retrieval: metadata.resolvedNs[0]=-1: lies before its tsNs 0',
    ],
    [
      'an event twice',
      { metadata: { ...metadata, eventIds: metadata.eventIds.with(4, 'event-9') } },
      {},
      'retrieval: metadata.eventIds: "event-9" occurs twice',
    ],
    [
      'a code without a word',
      { metadata: { ...metadata, direction: { codes: new Int32Array(30).fill(7), dictionary: ['UP'] } } },
      {},
      'retrieval: metadata.direction.codes[0]=7: must be -1 or an index into its dictionary of 1',
    ],
    ['no training rows', {}, { rows: new Uint8Array(30) }, 'retrieval: rows: no training row is left'],
    ['a mask of other rows', {}, { rows: new Uint8Array(3) }, 'retrieval: rows.length=3: must be one byte per row'],
    ['no neighbours', {}, { k: 0 }, 'retrieval: k=0: must be a whole number of at least 1'],
    ['half a reference row', {}, { referenceRows: 0.5 }, 'retrieval: referenceRows=0.5: must be a whole number'],
    ['a NaN resolution', {}, { resolutionSeconds: NaN }, 'retrieval: resolutionSeconds=NaN: must be a number'],
  ])('%s', (_, changes, options, message) => {
    expect(fit(changes, options)).toThrow(message)
  })
})

test('columns that say nothing are dropped and named, and their values do not matter', () => {
  const { matrix, outcomes, metadata } = touches
  const values = matrix.values.slice()
  values.fill(NaN, 0, 30)
  values.fill(0.1, 60, 90)
  const index = fitIndex({ ...matrix, values }, outcomes, metadata)
  expect(index.normaliser.dropped).toEqual([
    { name: 'x0', reason: 'no values' },
    { name: 'x2', reason: 'zero variance' },
  ])
  const ask = (x0: number, x2: number): unknown =>
    createSearcher(index).query([x0, row[1] ?? 0, x2, row[3] ?? 0], { asOf: EVER, neighbours: true })
  expect(ask(1e9, -1e9)).toEqual(ask(NaN, NaN))
})

test('medians, scores and rows come from the training rows alone', () => {
  const { matrix, outcomes, metadata } = makeTouches({ rows: 60, columns: 4, seed: 8, missing: 0.1 })
  const rows = new Uint8Array(60).fill(1, 0, 40)
  const spoiled = matrix.values.map((x, i) => (i % 60 < 40 ? x : 1e6))
  const [one, other] = [matrix.values, spoiled].map((values) =>
    fitIndex({ ...matrix, values }, outcomes, metadata, { rows }),
  )
  expect(other).toEqual(one)
  expect(one?.rows).toBe(40)
})

test('a tie goes to the row that came first in the matrix, wherever it is stored', () => {
  const { matrix, outcomes, metadata } = touches
  // Two values only, so all rows but those of the first value tie.
  const values = Float32Array.from({ length: 120 }, (_, i) => (i % 30 < 5 ? 0 : 1))
  for (const kernel of ['auto', 'plain'] as const) {
    const tied = createSearcher(fitIndex({ ...matrix, values }, outcomes, metadata), { kernel })
    const found = tied.query([1, 1, 1, 1], { asOf: EVER, k: 8, episodeCap: Infinity, neighbours: true }).neighbours
    expect(found?.map(({ eventId }) => eventId)).toEqual([5, 6, 7, 8, 9, 10, 11, 12].map((i) => `event-${i}`))
  }
})
