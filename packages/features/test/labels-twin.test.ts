import { deriveHeads } from '@breakwater/features'
import type { Anchor } from '@breakwater/features'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headIn, tableOf } from './labelled-touches.ts'
import { naiveTarget } from './naive-heads.ts'
import type { LabelledTouch } from './naive-heads.ts'

const touch: fc.Arbitrary<LabelledTouch> = fc.record({
  up: fc.boolean(),
  level: fc.constant(100),
  spot: fc.integer({ min: -300, max: 300 }).map((cents) => 100 + cents / 100),
  outcome: fc.constantFrom('BREAK', 'BOUNCE', 'CHOP', 'UNDEFINED'),
  tradeable2: fc.constantFrom(0, 1),
  strength: fc.integer({ min: -16, max: 16 }).map((eighths) => eighths / 8),
  window: fc.integer({ min: 0, max: 8 }).map((minutes) => minutes * 60),
  times: fc.record({
    t1: fc.constantFrom(Number.NaN, 0, 60, 120, 240),
    t2: fc.constantFrom(Number.NaN, 0, 180, 420),
    t1_break: fc.constantFrom(Number.NaN, 0, 60, 120),
    t1_bounce: fc.constantFrom(Number.NaN, 60, 300),
    t2_break: fc.constantFrom(Number.NaN, 0, 300),
    t2_bounce: fc.constantFrom(Number.NaN, 120, 180),
  }),
})

describe('for any labels', () => {
  test('every head agrees with a naive reading of the rules, row by row', () => {
    const options = fc.record({
      thresholds: fc.constantFrom<[number, number]>([1, 2], [0.5, 1.25]),
      horizons: fc.uniqueArray(fc.constantFrom(30, 60, 90, 120, 180, 300, 480), { minLength: 1, maxLength: 3 }),
      resolutionSeconds: fc.constantFrom(60, 30, 0),
    })
    const anchor = fc.constantFrom<Anchor>('2min', '4min', '8min')
    fc.assert(
      fc.property(fc.array(touch, { minLength: 1, maxLength: 20 }), options, anchor, (touches, settings, at) => {
        for (const head of deriveHeads(tableOf(touches, `_${at}`), { ...settings, anchors: [at] })) {
          const name = head.name.replace(/_(2|8)min$/, '')
          const expected = touches.map((one) => naiveTarget(name, one, settings.thresholds, settings.resolutionSeconds))
          expect([name, ...head.mask]).toEqual([name, ...expected.map((value) => (value === null ? 0 : 1))])
          expect([name, ...head.values]).toEqual([name, ...expected.map((value) => value ?? Number.NaN)])
        }
      }),
    )
  })

  test('the counts add up, and reaching sooner, or on one side, is reaching', () => {
    fc.assert(
      fc.property(fc.array(touch, { minLength: 1, maxLength: 20 }), (touches) => {
        const heads = deriveHeads(tableOf(touches))
        for (const { counts, mask, values } of heads) {
          const masked = Object.values(counts.masked).reduce((sum, count) => sum + count, 0)
          expect(counts.used + masked).toBe(touches.length)
          expect(counts.used).toBe(mask.reduce((sum, one) => sum + one, 0))
          expect(counts.positives ?? 0).toBeLessThanOrEqual(counts.used)
          expect([...values].map((value) => (Number.isNaN(value) ? 0 : 1))).toEqual([...mask])
        }
        const [soon, late] = [headIn(heads, 't1_60s'), headIn(heads, 't1_300s')]
        for (const [row, value] of soon.values.entries()) {
          const contradicts = value === 1 && late.values[row] === 0
          expect(contradicts).toBe(false)
        }
      }),
    )
  })
})
