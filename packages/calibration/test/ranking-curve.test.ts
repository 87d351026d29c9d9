import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankingCurve, rocAuc } from '@breakwater/calibration'
import { anyForecasts } from './forecasts.ts'

describe('rankingCurve', () => {
  test('counts what each threshold takes, as a count of the rows does', () => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y }) => {
        const base = y.filter((one) => one === 1).length
        const curve = rankingCurve(p, y, p.length)
        expect(curve.map(({ threshold }) => threshold)).toEqual(
          [...new Set(p.map((one) => one + 0))].toSorted((a, b) => b - a),
        )
        for (const point of curve) {
          const taken = y.filter((_, i) => (p[i] ?? 0) >= point.threshold)
          const hits = taken.filter((one) => one === 1).length
          expect(point.selected).toBe(taken.length / y.length)
          expect(point.precision).toBe(hits / taken.length)
          expect(point.recall).toBe(base === 0 ? null : hits / base)
          expect(point.falsePositiveRate).toBe(base === y.length ? null : (taken.length - hits) / (y.length - base))
          expect(point.lift === null).toBe(base === 0)
          expect(point.lift ?? 0).toBeCloseTo(base === 0 ? 0 : (hits / taken.length / base) * y.length, 12)
        }
      }),
    )
  })

  test('with every point, the area below it is that of rocAuc', () => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y: seen }) => {
        const auc = rocAuc(p, seen).value
        fc.pre(auc !== null)
        let [x, y, area] = [0, 0, 0]
        for (const { falsePositiveRate, recall } of rankingCurve(p, seen, p.length)) {
          area += (((falsePositiveRate ?? 0) - x) * ((recall ?? 0) + y)) / 2
          ;[x, y] = [falsePositiveRate ?? 0, recall ?? 0]
        }
        expect(area).toBeCloseTo(auc ?? 0, 12)
      }),
    )
  })

  test('keeps at most as many points as asked for, and the last takes all', () => {
    const p = Array.from({ length: 1000 }, (_, i) => i / 1000)
    const curve = rankingCurve(
      p,
      p.map((one) => Number(one > 0.5)),
      20,
    )
    expect(curve).toHaveLength(20)
    expect(curve[0]).toMatchObject({ selected: 0.05, precision: 1, falsePositiveRate: 0 })
    expect(curve.at(-1)).toMatchObject({ threshold: 0, selected: 1, recall: 1, falsePositiveRate: 1, lift: 1 })
    expect(() => rankingCurve([0.5], [1], 0)).toThrow('calibration: points=0: must be a whole number of at least 1.')
    expect(() => rankingCurve([], [])).toThrow(/calibration/)
  })
})
