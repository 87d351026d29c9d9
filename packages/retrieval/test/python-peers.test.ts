import { readFileSync } from 'node:fs'
import { createSearcher, weightedIncidence, fitIndex } from '@breakwater/retrieval'
import { expect, test } from 'vitest'
import { makeTouches } from './touches.ts'

/** What scikit-learn and lifelines said; test/fixtures/python.py wrote it. */
const recorded = JSON.parse(readFileSync(new URL('fixtures/python.json', import.meta.url), 'utf8')) as {
  readonly neighbours: {
    readonly rows: number
    readonly columns: number
    readonly k: number
    readonly train: readonly (number | null)[]
    readonly queries: readonly (readonly (number | null)[])[]
    readonly neighbours: readonly (readonly number[])[]
    readonly distances: readonly (readonly number[])[]
    readonly mean: readonly number[]
    readonly scale: readonly number[]
    readonly median: readonly number[]
  }
  readonly survival: PeerAnswer & { readonly event: readonly number[]; readonly incidence: readonly number[] }
  readonly competing: PeerAnswer & {
    readonly cause: readonly number[]
    readonly incidence: readonly (readonly number[])[]
  }
}
interface PeerAnswer {
  readonly time: readonly number[]
  readonly weight: readonly number[]
  readonly horizons: readonly number[]
}

test('medians, scores, neighbours and distances are those of SimpleImputer, StandardScaler and NearestNeighbors', () => {
  const { rows, columns, k, train, queries, neighbours, distances, mean, scale, median } = recorded.neighbours
  const touches = makeTouches({ rows, columns })
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => train[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN,
  )
  const index = fitIndex({ ...touches.matrix, values }, touches.outcomes, touches.metadata)
  for (const [ours, theirs] of [
    [index.normaliser.mean, mean],
    [index.normaliser.scale, scale],
    [index.normaliser.median, median],
  ] as const) {
    for (const [c, value] of ours.entries()) expect(value).toBeCloseTo(theirs[c] ?? Number.NaN, 9)
  }
  const searcher = createSearcher(index)
  for (const [q, query] of queries.entries()) {
    const row = query.map((x) => x ?? Number.NaN)
    const found = searcher.query(row, { asOf: 2n ** 62n, k, episodeCap: Infinity, neighbours: true }).neighbours ?? []
    expect(found.map(({ eventId }) => eventId)).toEqual(neighbours[q]?.map((place) => `event-${place}`))
    for (const [i, { distance }] of found.entries()) expect(distance).toBeCloseTo(distances[q]?.[i] ?? Number.NaN, 5)
  }
})

test('weighted waiting times of one cause are those of lifelines KaplanMeierFitter', () => {
  const { time, event, weight, horizons, incidence } = recorded.survival
  const waits = { time: Float64Array.from(time), cause: Int8Array.from(event), weight: Float64Array.from(weight) }
  const [ours = []] = weightedIncidence(waits, 1, horizons).byCause
  for (const [h, value] of ours.entries()) expect(value).toBeCloseTo(incidence[h] ?? Number.NaN, 12)
})

test('weighted waiting times of two causes are those of lifelines AalenJohansenFitter', () => {
  const { time, cause, weight, horizons, incidence } = recorded.competing
  const waits = {
    time: Float64Array.from(time),
    cause: Int8Array.from(cause, (code) => code + 1),
    weight: Float64Array.from(weight),
  }
  const { byCause } = weightedIncidence(waits, 2, horizons)
  for (const [c, ours] of byCause.entries()) {
    for (const [h, value] of ours.entries()) expect(value).toBeCloseTo(incidence[c]?.[h] ?? Number.NaN, 12)
  }
})
