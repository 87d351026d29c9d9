import { createSearcher, fitIndex } from '@breakwater/retrieval'
import KNN from 'ml-knn'
import { expect, test } from 'vitest'
import { makeTouches, rowOf } from './touches.ts'

/**
 * ml-knn names a class and no neighbours. With each row its own class, one neighbour's class is that neighbour; without it,
 * the next one: so k answers are the k nearest in order.
 */
function nearestByMlKnn(points: readonly (readonly number[])[], query: readonly number[], k: number): number[] {
  const left = points.map((point, row) => ({ point: [...point], row }))
  return Array.from({ length: k }, () => {
    const knn = new KNN(
      left.map(({ point }) => point),
      left.map(({ row }) => row),
      { k: 1 },
    )
    const found = knn.predict([...query])
    left.splice(
      left.findIndex(({ row }) => row === found),
      1,
    )
    return found
  })
}

test('the plain neighbours, without filter or cap, are those of ml-knn', () => {
  const touches = makeTouches({ rows: 120, columns: 9, seed: 21 })
  const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata)
  const searcher = createSearcher(index)
  const { mean, scale } = index.normaliser
  const scores = (row: ArrayLike<number>): number[] =>
    Array.from(row, (x, c) => Math.fround((x - (mean[c] ?? 0)) / (scale[c] ?? 1)))
  const points = Array.from({ length: 120 }, (_, row) => scores(rowOf(touches.matrix, row)))
  for (const seed of [1, 2, 3]) {
    const query = rowOf(makeTouches({ rows: 1, columns: 9, seed }).matrix, 0)
    const options = { asOf: 2n ** 62n, k: 15, episodeCap: Infinity, neighbours: true }
    const found = searcher.query(query, options).neighbours?.map(({ eventId }) => eventId)
    expect(found).toEqual(nearestByMlKnn(points, scores(query), 15).map((row) => `event-${row}`))
  }
})
