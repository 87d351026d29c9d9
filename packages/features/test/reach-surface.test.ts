import { reachImplications } from '@breakwater/features'
import { expect, test } from 'vitest'

const pairs = (names: readonly string[]): string[] =>
  reachImplications(names).map(({ lower, upper }) => `${names[lower]} => ${names[upper]}`)

test('a farther threshold, a shorter time and one side imply the nearer, the longer and either side', () => {
  expect(pairs(['t1_60s', 't1_120s', 't2_60s', 't2_break_60s', 'direction', 'tradeable_2'])).toEqual([
    't1_60s => t1_120s',
    't2_60s => t1_60s',
    't2_60s => t1_120s',
    't2_break_60s => t1_60s',
    't2_break_60s => t1_120s',
    't2_break_60s => t2_60s',
  ])
})

test('heads of other anchors, and the two sides, say nothing about each other', () => {
  expect(pairs(['t1_60s', 't1_60s_2min', 't1_break_60s', 't1_bounce_60s'])).toEqual([
    't1_break_60s => t1_60s',
    't1_bounce_60s => t1_60s',
  ])
  expect(pairs([])).toEqual([])
})
