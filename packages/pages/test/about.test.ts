import { describe, expect, test } from 'vitest'
import { aboutTarget, fanRemark } from '#src/browser/live/about'
import { OPEN_MS, targetWith } from './targets.ts'

const NOW = OPEN_MS + 300_000
const ns = (ms: number): number => ms * 1e6

const two = (fields: Parameters<typeof targetWith>[0]): string =>
  aboutTarget(targetWith({ source: 'law', as_of_ts_ns: ns(NOW), elapsed_s: null, p_touch: null, ...fields }), NOW)

const one = (fields: Parameters<typeof targetWith>[0]): string => aboutTarget(targetWith(fields), NOW)

describe('what a target is about, version 2 of the payload', () => {
  test('before a touch, how likely one is and that all else is given one', () => {
    const fields = {
      condition: 'given_touch',
      viewport_state: 'APPROACHING',
      p_touch: { '60': 0.12, '300': 0.4 },
    } as const
    expect(two(fields)).toBe(
      'Approaching, stage A. Not touched yet. A touch comes with a probability of 12% within 60 s, 40% within 300 s. All other numbers say what would follow if price touched the level now.',
    )
  })

  test('after one, when it was and that the numbers are about now', () => {
    const fields = { condition: 'since_touch', touch_ts_ns: ns(OPEN_MS + 100_000), elapsed_s: 200 } as const
    expect(two(fields)).toBe(
      'Touch, stage A. Touched at 09:31:40, 3 min 20 s ago. The numbers are about what follows from now on, given the path since the touch.',
    )
  })

  test('of heads alone, as of when they answer and how long ago that was', () => {
    const fields = {
      condition: 'since_touch',
      source: 'heads',
      viewport_state: 'CONFIRMATION',
      stage: 'stage_b',
      touch_ts_ns: ns(OPEN_MS),
      as_of_ts_ns: ns(OPEN_MS + 240_000),
    } as const
    expect(two(fields)).toBe(
      'Confirmed, stage B. Touched at 09:30:00, 5 min ago. The numbers come from the heads alone, which answer about the confirmation, as of 09:34:00, 1 min before this snapshot.',
    )
  })

  test('without numbers, that there are none', () => {
    expect(two({ condition: 'since_touch', source: null })).toBe('Touch, stage A. No forecast.')
  })
})

describe('what a target is about, version 1', () => {
  test('names the confirmation that its numbers are of, and their age', () => {
    const fields = {
      row_basis: 'confirmation',
      viewport_state: 'CONFIRMATION',
      touch_ts_ns: ns(OPEN_MS),
      confirm_ts_ns: ns(OPEN_MS + 240_000),
    } as const
    expect(one(fields)).toBe(
      'Confirmed, stage A. Touched at 09:30:00, 5 min ago: the numbers are those of the confirmation, as of 09:34:00, 1 min before this snapshot.',
    )
  })

  test('says that a level is not touched, that the bar of a touch runs, and that there are no features', () => {
    expect(one({ row_basis: 'supposed' })).toMatch(/Not touched yet: the numbers say what would follow/)
    expect(one({ row_basis: 'supposed', touch_ts_ns: ns(OPEN_MS) })).toMatch(/the bar of the touch has not ended\.$/)
    expect(one({ row_basis: null })).toBe('Touch, stage A. No features, so no forecast.')
  })
})

test('a fan says what it is about unless it is about the time from now on', () => {
  const touched = { condition: 'since_touch', touch_ts_ns: ns(OPEN_MS) } as const
  expect(fanRemark(targetWith({ ...touched, source: 'law' }))).toBe('')
  expect(fanRemark(targetWith({ ...touched, source: 'heads' }))).toBe(
    ' They count from the confirmation, not from now.',
  )
  expect(fanRemark(targetWith({ condition: 'given_touch', source: 'law' }))).toBe(
    ' They apply if price touches the level now.',
  )
})
