import { setImmediate as nextTurn } from 'node:timers/promises'
import { latestOnly } from '@breakwater/viewport'
import { expect, test } from 'vitest'

test('of a burst the newest is worked on, and the others are overtaken in order', async () => {
  const worked: number[] = []
  const overtaken: number[] = []
  const latest = latestOnly<number>(
    (item) => worked.push(item),
    (item) => overtaken.push(item),
    setImmediate,
  )
  for (const item of [1, 2, 3]) latest.offer(item)
  await nextTurn()
  expect([worked, overtaken]).toEqual([[3], [1, 2]])
  latest.offer(4)
  await nextTurn()
  latest.offer(5)
  await nextTurn()
  expect([worked, overtaken]).toEqual([
    [3, 4, 5],
    [1, 2],
  ])
})

test('what waits can be worked on at once, and only once', async () => {
  const worked: number[] = []
  const latest = latestOnly<number>(
    (item) => worked.push(item),
    () => undefined,
    setImmediate,
  )
  latest.flush()
  latest.offer(1)
  latest.flush()
  expect(worked).toEqual([1])
  await nextTurn()
  expect(worked).toEqual([1])
})
