import { deriveHeads, reachTimes } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { headIn, hitAt, tableOf, touchWith } from './labelled-touches.ts'

describe('reachTimes', () => {
  test('says by when a threshold was reached, or until when it was not', () => {
    const touches = [
      touchWith(hitAt({ t1: 0 })),
      touchWith(hitAt({ t1: 120 })),
      touchWith({}),
      touchWith({ window: 180 }),
      touchWith({ ...hitAt({ t1: 60 }), window: 120 }),
    ]
    const { times, causes, mask } = reachTimes(tableOf(touches), 't1_60s')
    expect([...times]).toEqual([60, 180, 480, 180, 120])
    expect([...causes]).toEqual([1, 1, 0, 0, 1])
    expect([...mask]).toEqual([1, 1, 1, 1, 1])
  })

  test('masks rows that lie beyond the threshold on the side of the head, or have no window or price', () => {
    const touches = [
      touchWith({ spot: 101.2 }),
      touchWith({ spot: 98.9 }),
      touchWith({ window: 0 }),
      touchWith({ spot: Number.NaN }),
      touchWith({ up: false, spot: 98.9 }),
    ]
    const maskOf = (head: string): number[] => [...reachTimes(tableOf(touches), head).mask]
    expect(maskOf('t1_60s')).toEqual([0, 0, 0, 0, 0])
    expect(maskOf('t1_break_60s')).toEqual([0, 1, 0, 0, 0])
    expect(maskOf('t1_bounce_60s')).toEqual([1, 0, 0, 0, 1])
    expect(Number.isNaN(reachTimes(tableOf(touches), 't1_60s').times[0])).toBe(true)
  })

  test('agrees with the labels wherever there is one', () => {
    const touches = [0, 60, 120, 240, Number.NaN].flatMap((t) =>
      [0, 60, 120, 180, 480].map((window) =>
        touchWith({ ...hitAt({ t2_break: t + 60 <= window ? t : Number.NaN }), window }),
      ),
    )
    const heads = deriveHeads(tableOf(touches, '_2min'), { anchors: ['2min'] })
    for (const horizon of [60, 120, 300]) {
      const name = `t2_break_${horizon}s_2min`
      const label = headIn(heads, name)
      const { times, causes, mask } = reachTimes(tableOf(touches, '_2min'), name)
      for (const [row, seen] of label.mask.entries()) {
        if (seen === 0) continue
        expect(mask[row]).toBe(1)
        expect(Number(causes[row] === 1 && (times[row] ?? 0) <= horizon)).toBe(label.values[row])
      }
    }
  })

  test('refuses a head that asks about no reach', () => {
    expect(() => reachTimes(tableOf([touchWith({})]), 'direction')).toThrow(
      'features: head=direction: must be a reach head, such as t1_60s or t2_break_120s_8min.',
    )
  })
})
