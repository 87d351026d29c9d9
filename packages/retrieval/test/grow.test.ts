import { createGrowingSearcher, createSearcher, fitIndex, type RetrievalIndex } from '@breakwater/retrieval'
import type { CodedWords, Matrix, Outcomes, ReachName, RowMetadata } from '@breakwater/retrieval'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeTouches, MINUTE_NS, rowOf, type Touches, wordOf } from './touches.ts'

const SESSION = 30

/** Some rows of touches, in the given order. */
function take({ matrix, outcomes, metadata }: Touches, rows: readonly number[]): Touches {
  const floats = (values: Float32Array): Float32Array => Float32Array.from(rows, (row) => values[row] ?? Number.NaN)
  const words = ({ codes, dictionary }: CodedWords): CodedWords => ({
    codes: Int32Array.from(rows, (row) => codes[row] ?? -1),
    dictionary,
  })
  const values = new Float32Array(rows.length * matrix.columns.length)
  for (const c of matrix.columns.keys()) {
    for (const [i, row] of rows.entries()) values[c * rows.length + i] = matrix.values[c * matrix.rows + row] ?? 0
  }
  const { outcome, tradeable2, strengthSigned, strengthAbs, times, observed } = outcomes
  const taken: { matrix: Matrix; outcomes: Outcomes; metadata: RowMetadata } = {
    matrix: { columns: matrix.columns, rows: rows.length, values },
    outcomes: {
      outcome: Int8Array.from(rows, (row) => outcome[row] ?? -1),
      tradeable2: floats(tradeable2),
      strengthSigned: floats(strengthSigned),
      strengthAbs: floats(strengthAbs),
      times: Object.fromEntries(Object.entries(times).map(([name, each]) => [name, floats(each)])) as Record<
        ReachName,
        Float32Array
      >,
      observed: floats(observed),
    },
    metadata: {
      eventIds: rows.map((row) => metadata.eventIds[row] ?? ''),
      tsNs: BigInt64Array.from(rows, (row) => metadata.tsNs[row] ?? 0n),
      resolvedNs: BigInt64Array.from(rows, (row) => metadata.resolvedNs[row] ?? 0n),
      levelKindName: words(metadata.levelKindName),
      direction: words(metadata.direction),
      gammaBucket: words(metadata.gammaBucket),
      episode: words(metadata.episode),
      session: words(metadata.session),
    },
  }
  return taken
}

const fit = ({ matrix, outcomes, metadata }: Touches, referenceRows = 0): RetrievalIndex =>
  fitIndex(matrix, outcomes, metadata, { k: 12, episodeCap: 2, referenceRows })

/** The index of all rows, with the medians, scales and reference of another: what growing has to come to. */
function batchIndex(touches: Touches, { normaliser, reference }: RetrievalIndex): RetrievalIndex {
  const all = fit(touches)
  const { kept, median, mean, scale } = normaliser
  const vectors = new Float32Array(all.rows * kept.length)
  for (let at = 0; at < all.rows; at++) {
    const row = rowOf(touches.matrix, all.stored.row[at] ?? -1)
    for (const [i, feature] of kept.entries()) {
      const value = row[feature] ?? Number.NaN
      const filled = Number.isNaN(value) ? (median[i] ?? 0) : value
      vectors[at * kept.length + i] = (filled - (mean[i] ?? 0)) / (scale[i] ?? 1)
    }
  }
  return { ...all, normaliser, reference, vectors }
}

const inOrder = ({ metadata }: Touches, rows: readonly number[]): number[] =>
  rows.toSorted((a, b) => Number((metadata.resolvedNs[a] ?? 0n) - (metadata.resolvedNs[b] ?? 0n)) || a - b)

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('a searcher that grows', () => {
  test.each(['auto', 'plain'] as const)(
    'answers at every time as an index of all rows that were known by then (%s)',
    (kernel) => {
      fc.assert(
        fc.property(
          fc.integer(),
          fc.constantFrom(0, 0.2),
          fc.integer({ min: 0, max: 4 * SESSION }),
          fc.integer({ min: 1, max: 40 }),
          (seed, missing, known, k) => {
            const touches = makeTouches({ rows: 7 * SESSION, seed, missing, episodeSize: 3, sessionSize: SESSION })
            const base = fit(take(touches, range(0, 3 * SESSION)), 40)
            const later = inOrder(touches, range(3 * SESSION, 7 * SESSION))
            const growing = createGrowingSearcher(base, { kernel })
            // One by one, then the rest at once.
            for (const row of later.slice(0, known)) {
              const one = take(touches, [row])
              growing.add(one.matrix, one.outcomes, one.metadata)
            }
            const now = touches.metadata.resolvedNs[later[known - 1] ?? 0] ?? 0n
            const held = [...range(0, 3 * SESSION), ...later.slice(0, known)]
            const batch = createSearcher(batchIndex(take(touches, held), base))
            expect(growing.added).toBe(known)
            for (const row of [0, 100, later[known - 1] ?? 5, later.at(-1) ?? 0]) {
              for (const asOf of [now, now - 30n * MINUTE_NS, 2n ** 62n]) {
                const options = {
                  asOf,
                  k,
                  eventId: touches.metadata.eventIds[row] ?? '',
                  excludeSession: 'session4',
                  horizons: [60, 300],
                  neighbours: true,
                  filters: {
                    direction: wordOf(touches.metadata.direction, row),
                    levelKindName: wordOf(touches.metadata.levelKindName, row),
                    gammaBucket: wordOf(touches.metadata.gammaBucket, row),
                  },
                }
                const query = rowOf(touches.matrix, row)
                expect(growing.query(query, options)).toEqual(batch.query(query, options))
                expect(growing.distances(query, options)).toEqual(batch.distances(query, options))
              }
            }
          },
        ),
        { numRuns: 25 },
      )
    },
    60_000,
  )

  test('holds so many rows at most, the newest, and forgets the older half when it is full', () => {
    const touches = makeTouches({ rows: 200, seed: 4, sessionSize: SESSION })
    const base = fit(take(touches, range(0, SESSION)))
    const later = inOrder(touches, range(SESSION, 200))
    const growing = createGrowingSearcher(base, { most: 40 })
    for (const row of later) {
      const { matrix, outcomes, metadata } = take(touches, [row])
      growing.add(matrix, outcomes, metadata)
      expect(growing.added).toBeLessThanOrEqual(40)
    }
    expect(growing.added + growing.forgotten).toBe(later.length)
    const kept = later.slice(-growing.added)
    const batch = createSearcher(batchIndex(take(touches, [...range(0, SESSION), ...kept]), base))
    const options = { asOf: 2n ** 62n, k: 20, neighbours: true }
    for (const row of [3, 90, 199]) {
      const query = rowOf(touches.matrix, row)
      expect(growing.query(query, options)).toEqual(batch.query(query, options))
    }
    growing.clear()
    expect(growing.added).toBe(0)
    const query = rowOf(touches.matrix, 3)
    expect(growing.query(query, options)).toEqual(createSearcher(base).query(query, options))
    // The index that was given is as it was.
    expect(base.rows).toBe(SESSION)
  })

  test('refuses other columns, outcomes out of order and events that it has, and is then as it was', () => {
    const touches = makeTouches({ rows: 90, seed: 9, sessionSize: SESSION })
    const growing = createGrowingSearcher(fit(take(touches, range(0, 60))))
    const add = (taken: Touches): void => growing.add(taken.matrix, taken.outcomes, taken.metadata)
    const later = inOrder(touches, range(60, 90))
    add(take(touches, later.slice(1, 3)))
    expect(() => add(take(touches, later.slice(0, 1)))).toThrow('which was added earlier')
    expect(() => add(take(touches, later.slice(2, 3)))).toThrow('is in the index. Add each event once.')
    expect(() => add(take(touches, [5]))).toThrow(/is in the index|which was added earlier/)
    const [next = 0] = later.slice(4)
    const { matrix, outcomes, metadata } = take(touches, [next])
    const columns = matrix.columns.map((name) => `other ${name}`)
    expect(() => growing.add({ ...matrix, columns }, outcomes, metadata)).toThrow('retrieval: matrix.columns: ')
    expect(growing.added).toBe(2)
    expect(() => createGrowingSearcher(growing.index, { most: 1 })).toThrow('retrieval: most=1: ')
  })
})
