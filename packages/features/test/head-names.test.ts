import { ANCHOR_SECONDS, headName, ANCHORS, parseHeadName } from '@breakwater/features'
import type { HeadQuestion } from '@breakwater/features'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('head names', () => {
  test('are those of the request at the primary anchor, and have a suffix at the others', () => {
    expect(headName({ kind: 'tradeable_2' }, '4min')).toBe('tradeable_2')
    expect(headName({ kind: 'direction' }, '8min')).toBe('direction_8min')
    expect(headName({ kind: 'reach', threshold: 1, side: 'either', horizon: 60 }, '4min')).toBe('t1_60s')
    expect(headName({ kind: 'reach', threshold: 2, side: 'bounce', horizon: 300 }, '2min')).toBe('t2_bounce_300s_2min')
    expect(ANCHOR_SECONDS).toEqual({ '2min': 120, '4min': 240, '8min': 480 })
  })

  test('are read back as they were written', () => {
    const plain = fc.constantFrom<HeadQuestion>(
      { kind: 'tradeable_2' },
      { kind: 'direction' },
      { kind: 'strength_signed' },
    )
    const reach = fc.record({
      kind: fc.constant('reach' as const),
      threshold: fc.constantFrom(1 as const, 2 as const),
      side: fc.constantFrom('either' as const, 'break' as const, 'bounce' as const),
      horizon: fc.integer({ min: 1, max: 480 }),
    })
    fc.assert(
      fc.property(fc.oneof(plain, reach), fc.constantFrom(...ANCHORS), (question, anchor) => {
        expect(parseHeadName(headName(question, anchor))).toEqual({ question, anchor })
      }),
    )
  })

  test.each([
    '',
    'direction_4min',
    't3_60s',
    't1_60',
    't1_0s',
    't1_060s',
    't1_up_60s',
    'tradeable_1',
    'xdirection',
    't1_60s_9min',
  ])('"%s" is the name of no head', (name) => {
    expect(parseHeadName(name)).toBeNull()
  })
})
