import { createSearcher, fitIndex } from '@breakwater/retrieval'
import type { QueryOptions, Searcher } from '@breakwater/retrieval'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE_NS, makeTouches, rowOf } from './touches.ts'
import { twinQuery } from './twin.ts'

const EVER = 2n ** 62n

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 150 }),
  columns: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer(),
  missing: fc.constantFrom(0, 0.1, 0.6),
  episodeSize: fc.integer({ min: 1, max: 9 }),
  sessionSize: fc.integer({ min: 5, max: 60 }),
  // Multiples of a power of two: sums of squares are exact in the twin too, so ties are ties.
  grid: fc.constantFrom(0, 0.5),
  wild: fc.boolean(),
})
const asked = fc.record({
  k: fc.integer({ min: 1, max: 60 }),
  episodeCap: fc.constantFrom(1, 2, 5, Infinity),
  minutes: fc.integer({ min: -5, max: 200 }),
  levelKindName: fc.constantFrom('ROUND', 'VWAP', 'PM_HIGH', 'USER_HOTZONE', null, undefined),
  direction: fc.constantFrom('UP', 'DOWN', null, undefined),
  gammaBucket: fc.constantFrom('SHORT_GAMMA', 'LONG_GAMMA', 'UNKNOWN', null, undefined),
  own: fc.nat(149),
  excludeOwnSession: fc.boolean(),
})

type Query = typeof asked extends fc.Arbitrary<infer T> ? T : never

function optionsOf({ k, episodeCap, minutes, own, excludeOwnSession, ...filters }: Query, sessionSize: number) {
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
  return {
    k,
    episodeCap,
    filters: given,
    asOf: BigInt(minutes) * MINUTE_NS,
    eventId: `event-${own}`,
    ...(excludeOwnSession ? { excludeSession: `session${Math.floor(own / sessionSize)}` } : {}),
  }
}

function ids(searcher: Searcher, row: ArrayLike<number>, options: QueryOptions): string[] {
  return searcher.query(row, { ...options, neighbours: true }).neighbours?.map(({ eventId }) => eventId) ?? []
}

/** Whether some column varies, which fitting requires. */
function varies({ matrix }: ReturnType<typeof makeTouches>): boolean {
  return matrix.columns.some((_, c) => {
    const column = matrix.values.subarray(c * matrix.rows, (c + 1) * matrix.rows).filter((x) => !Number.isNaN(x))
    return new Set(column).size > 1
  })
}

test('neighbours are those of the brute-force twin, whatever the filters, time, cap and event; with either kernel', () => {
  fc.assert(
    fc.property(shapes, asked, (shape, question) => {
      const touches = makeTouches(shape)
      fc.pre(varies(touches))
      const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata, { referenceRows: 0 })
      const query = rowOf(touches.matrix, question.own % shape.rows)
      fc.pre(query.some((x) => !Number.isNaN(x)))
      const options = optionsOf(question, shape.sessionSize)
      const fast = createSearcher(index)
      const plain = createSearcher(index, { kernel: 'plain' })
      expect([fast.kernel, plain.kernel]).toEqual(['wasm', 'plain'])
      const summary = plain.query(query, { ...options, neighbours: true })
      expect(fast.query(query, { ...options, neighbours: true })).toEqual(summary)
      fc.pre(summary.missing < index.normaliser.kept.length)
      const twin = twinQuery(touches, query, options)
      expect(summary.rung).toBe(twin.rung)
      const distances = summary.neighbours?.map(({ distance }) => distance) ?? []
      expect(distances).toHaveLength(twin.distances.length)
      for (const [i, distance] of distances.entries()) expect(distance).toBeCloseTo(twin.distances[i] ?? -1, 6)
      // Rows that differ by less than rounding may change places in the twin, whose scores are rounded in another order.
      const gaps = twin.distances.map((d, i) => d - (twin.distances[i - 1] ?? -1))
      fc.pre(gaps.every((gap) => gap > 1e-6))
      expect(summary.neighbours?.map(({ eventId }) => eventId)).toEqual(twin.rows.map((row) => `event-${row}`))
    }),
    { numRuns: 300 },
  )
})

test('no neighbour was resolved after the time of the query, and those resolved at that very nanosecond count', () => {
  fc.assert(
    fc.property(shapes, fc.bigInt({ min: 0n, max: 200n * MINUTE_NS }), (shape, asOf) => {
      const touches = makeTouches({ ...shape, missing: 0 })
      fc.pre(varies(touches))
      const searcher = createSearcher(
        fitIndex(touches.matrix, touches.outcomes, touches.metadata, { referenceRows: 0 }),
      )
      const options = { asOf, k: 1000, episodeCap: Infinity, neighbours: true }
      const found = searcher.query(rowOf(touches.matrix, 0), options).neighbours ?? []
      for (const { resolvedNs, tsNs } of found) {
        expect(resolvedNs <= asOf).toBe(true)
        expect(tsNs < asOf || tsNs === resolvedNs).toBe(true)
      }
      expect(found).toHaveLength(touches.metadata.resolvedNs.filter((at) => at <= asOf).length)
      const [some] = touches.metadata.resolvedNs
      const at = (time: bigint): number => searcher.query(rowOf(touches.matrix, 0), { ...options, asOf: time }).found
      expect(at(some ?? 0n)).toBeGreaterThan(at((some ?? 0n) - 1n))
    }),
    { numRuns: 60 },
  )
})

test('what happens after the time of the query changes nothing in the answer', () => {
  const touches = makeTouches({ rows: 120, seed: 5 })
  const asOf = 60n * MINUTE_NS
  const later = Array.from(touches.metadata.resolvedNs, (at) => at > asOf)
  const outcomes = {
    ...touches.outcomes,
    outcome: touches.outcomes.outcome.map((code, row) => (later[row] === true ? 0 : code)),
    strengthSigned: touches.outcomes.strengthSigned.map((x, row) => (later[row] === true ? 99 : x)),
  }
  const row = rowOf(touches.matrix, 70)
  const [before, after] = [touches.outcomes, outcomes].map((known) =>
    createSearcher(fitIndex(touches.matrix, known, touches.metadata)).query(row, { asOf, k: 30, neighbours: true }),
  )
  expect(after).toEqual(before)
  expect(before?.found).toBe(30)
})

describe('the index that a query belongs to', () => {
  const touches = makeTouches({ rows: 90, seed: 2 })
  const searcher = createSearcher(fitIndex(touches.matrix, touches.outcomes, touches.metadata))
  const own = rowOf(touches.matrix, 40)

  test('finds the query itself at distance 0 unless it is named', () => {
    const [nearest] = searcher.query(own, { asOf: EVER, neighbours: true }).neighbours ?? []
    expect(nearest).toMatchObject({ eventId: 'event-40', distance: 0, weight: 1e6 })
    expect(ids(searcher, own, { asOf: EVER, k: 90, episodeCap: Infinity, eventId: 'event-40' })).not.toContain(
      'event-40',
    )
  })

  test('takes at most two neighbours of an episode by default', () => {
    const counts = new Map<number, number>()
    for (const id of ids(searcher, own, { asOf: EVER, k: 60 })) {
      const episode = Math.floor(Number(id.slice('event-'.length)) / 3)
      counts.set(episode, (counts.get(episode) ?? 0) + 1)
    }
    expect(Math.max(...counts.values())).toBe(2)
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(60)
  })

  test('answers more neighbours than there are with all that the cap allows', () => {
    expect(searcher.query(own, { asOf: EVER, k: 1000, episodeCap: Infinity })).toMatchObject({ k: 1000, found: 90 })
    expect(searcher.query(own, { asOf: EVER, k: 1000, episodeCap: 1 }).found).toBe(30)
  })

  test('answers a level kind that training never saw from the ladder', () => {
    const filters = { levelKindName: 'USER_HOTZONE', direction: 'UP', gammaBucket: 'SHORT_GAMMA' }
    expect(searcher.query(own, { asOf: EVER, k: 20, filters })).toMatchObject({
      found: 20,
      rung: 2,
      dropped: ['gammaBucket', 'levelKindName'],
    })
  })

  test('has nothing to say before anything was known, and says so in nulls', () => {
    const summary = searcher.query(own, { asOf: -1n, filters: { direction: 'UP' } })
    expect(summary).toMatchObject({ found: 0, rung: 1, pBreak: null, similarity: null, distancePercentile: null })
  })
})
