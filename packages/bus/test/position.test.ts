import { describe, expect, test } from 'vitest'
import { positionAfter, startOf } from '#src/position'

describe('positionAfter', () => {
  test('takes every number once, and counts those that never come', () => {
    const position = positionAfter(3, true)
    expect([4, 5, 5, 9, 4, 10].map((sequence) => position.take(sequence, 7))).toEqual([
      true,
      true,
      false,
      true,
      false,
      true,
    ])
    expect(position.counts).toEqual({ last: 10, missed: 3, repeated: 2, pending: 7 })
  })

  test('misses nothing before the first number where it begins anywhere', () => {
    const position = positionAfter(null, true)
    expect(position.take(100, 0)).toBe(true)
    expect(position.take(102, 0)).toBe(true)
    expect(position.counts.missed).toBe(1)
  })

  test('misses nothing where other subjects share the numbers', () => {
    const position = positionAfter(0, false)
    expect(position.take(50, 0)).toBe(true)
    expect(position.counts).toEqual({ last: 50, missed: 0, repeated: 0, pending: 0 })
  })
})

describe('startOf', () => {
  test.each([
    ['new', { deliver_policy: 'new' }],
    ['all', { deliver_policy: 'all' }],
    ['17', { deliver_policy: 'by_start_sequence', opt_start_seq: 17 }],
    ['2026-01-02T14:30:00Z', { deliver_policy: 'by_start_time', opt_start_time: '2026-01-02T14:30:00.000Z' }],
  ])('%s', (from, start) => {
    expect(startOf(from)).toEqual(start)
  })

  test.each(['', '0', '-1', '1.5', 'yesterday', '2026-13-40T00:00Z', '9'.repeat(16)])('refuses "%s"', (from) => {
    expect(() => startOf(from)).toThrow(`bus: --from=${from}: must be new, all, a sequence number above 0, or a time`)
  })
})
