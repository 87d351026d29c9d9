import { expect, test } from 'vitest'
import { levelAt, snapshotAt } from './fakes.ts'
import { only, ROUND, viewportWith } from './make.ts'

test('of levels that a sender invents, no more than the limit are remembered; one that stays is never forgotten', () => {
  const { viewport } = viewportWith({ maxLevels: 100 })
  const twin = viewportWith().viewport
  viewport.tick(snapshotAt(0, 499.95, [ROUND]))
  twin.tick(snapshotAt(0, 499.95, [ROUND]))
  for (let i = 1; i <= 100; i++) {
    const invented = Array.from({ length: 60 }, (_, j) => levelAt(`kind ${i} ${j}`, 600))
    // All at one time, and the one that stays in the middle.
    const levels = [...invented.slice(0, 30), ROUND, ...invented.slice(30)]
    const { targets, rejected } = viewport.tick(snapshotAt(1, 499.95, levels))
    expect(rejected).toEqual([])
    expect(only(targets)).toEqual(only(twin.tick(snapshotAt(1, 499.95, [ROUND])).targets))
    expect(viewport.status().levels).toBeLessThanOrEqual(100)
  }
  expect(viewport.status().evictedLevels).toBe(6001 - viewport.status().levels)
})

test('levels of one snapshot that are too many to remember are rejected by name', () => {
  const { viewport } = viewportWith({ maxLevels: 3 })
  const levels = [ROUND, ...Array.from({ length: 4 }, (_, i) => levelAt(`kind ${i}`, 600))]
  const { rejected, targets } = viewport.tick(snapshotAt(0, 499.95, levels))
  expect(rejected).toEqual([
    { index: 3, level_id: 'kind 2@600', code: 'too_many_levels' },
    { index: 4, level_id: 'kind 3@600', code: 'too_many_levels' },
  ])
  expect(only(targets).level_id).toBe(ROUND.id)
  expect(viewport.status()).toMatchObject({ levels: 3, evictedLevels: 0, rejectedLevels: 2 })
})

test('of bars that are refused all are counted and twenty are told', () => {
  const { viewport } = viewportWith()
  const bars = Array.from({ length: 500 }, () => ({ minute: 1, open: 1, high: 1, low: 1, close: 1, volume: 1 }))
  expect(viewport.tick(snapshotAt(0, 500, [ROUND], bars)).barErrors).toHaveLength(20)
  expect(viewport.status().rejectedBars).toBe(500)
})
