import { createSearcher, fitIndex } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
import { expect, test } from 'vitest'
import { makeTouches, rowOf } from './touches.ts'

const touches = makeTouches({ rows: 700, columns: 12, seed: 9, missing: 0.1 })
const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata)
const width = touches.matrix.columns.length
const queries = 150
const rows = new Float32Array(queries * width)
for (let i = 0; i < queries; i++) rows.set(rowOf(touches.matrix, i * 4), i * width)
const options = Array.from({ length: queries }, (_, i) => ({
  asOf: BigInt(i * 6) * 60_000_000_000n,
  filters: { direction: i % 2 === 0 ? 'UP' : 'DOWN' },
  eventId: `event-${i * 4}`,
  neighbours: i % 3 === 0,
}))

test.each([1, 3])('%i threads answer as one searcher does, in order', async (threads) => {
  const pool = createPool(index, { threads })
  const searcher = createSearcher(index)
  const expected = options.map((each, i) => searcher.query(rows.subarray(i * width, (i + 1) * width), each))
  // Two batches at once share the threads.
  const both = await Promise.all([pool.query(rows, options), pool.query(rows, options)])
  await pool.close()
  expect(both).toEqual([expected, expected])
})

test('a bad query rejects its batch with its own message, and the pool lives on', async () => {
  const pool = createPool(index, { threads: 2 })
  await expect(pool.query(rows, options.with(40, { ...options[40], k: 0 } as never))).rejects.toThrow('retrieval: k=0')
  await expect(pool.query(rows.slice(1), options)).rejects.toThrow('must be 150 queries x 12 features = 1800')
  expect(await pool.query(rows, options)).toHaveLength(queries)
  await pool.close()
})

test('closing rejects what runs', async () => {
  const pool = createPool(index, { threads: 1 })
  const running = pool.query(rows, options)
  const [answer] = await Promise.allSettled([running, pool.close()])
  expect(answer).toMatchObject({
    status: 'rejected',
    reason: expect.objectContaining({
      message: 'retrieval: the pool was closed while a query ran. Await its answer first.',
    }) as Error,
  })
})

test('no threads is refused', () => {
  expect(() => createPool(index, { threads: 0 })).toThrow('retrieval: threads=0: must be a whole number of at least 1')
})
