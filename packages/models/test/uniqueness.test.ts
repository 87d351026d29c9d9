import { averageUniqueness } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { uniforms } from './seeded.ts'

/** Minute by minute: how many windows are open, and the mean of one over it. */
function byMinute(starts: readonly number[], ends: readonly number[]): number[] {
  const open = (minute: number): number =>
    starts.filter((start, row) => start <= minute && minute < (ends[row] ?? 0)).length
  return starts.map((start, row) => {
    const minutes = Array.from({ length: (ends[row] ?? 0) - start }, (_, i) => start + i)
    return minutes.reduce((sum, minute) => sum + 1 / open(minute), 0) / minutes.length
  })
}

describe('average uniqueness', () => {
  test('is what counting minute by minute gives', () => {
    const next = uniforms(5)
    const starts = Array.from({ length: 200 }, () => Math.floor(300 * next()))
    const ends = starts.map((start) => start + 1 + Math.floor(12 * next()))
    const expected = byMinute(starts, ends)
    for (const [row, value] of averageUniqueness(starts, ends).entries())
      expect(value).toBeCloseTo(expected[row] ?? 0, 12)
  })

  test('is 1 alone and one over their number where windows are the same; windows that meet do not overlap', () => {
    const values = averageUniqueness([0, 8, 8, 8, 100], [8, 16, 16, 16, 101])
    for (const [row, expected] of [1, 1 / 3, 1 / 3, 1 / 3, 1].entries()) expect(values[row]).toBeCloseTo(expected, 14)
    expect(averageUniqueness([], [])).toHaveLength(0)
  })

  test('refuses a window without length', () => {
    expect(() => averageUniqueness([0, 5], [8, 5])).toThrow(
      'models: window 1: [5, 5): must be finite and end after it begins. Leave rows without a window out.',
    )
    expect(() => averageUniqueness([0], [])).toThrow(
      'models: ends.length=0: must be one per start. There are 1 starts.',
    )
  })
})
