import { rocAuc } from '@breakwater/calibration'
import { columnOf, evaluateHead, type OperatingPoint } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { planted } from './forecast-sample.ts'

/** The points of a head whose forecasts are rounded, so that many are tied. */
const forecasts = planted({
  sessions: 20,
  rowsPerSession: 60,
  seed: 4,
  columns: { served: (p) => Math.round(40 * p) / 40 },
})
const p = columnOf(forecasts, 'served')
const { targets } = forecasts

function pointsOf(): readonly OperatingPoint[] {
  const head = evaluateHead({ forecasts, anchor: '4min', column: 'served', resampling: { seed: 1, samples: 20 } })
  if (head.status !== 'scored' || head.task !== 'binary') throw new Error('it is scored')
  return head.operating
}
const points = pointsOf()

describe('operating points', () => {
  test('count what rows at a threshold or above came to', () => {
    expect(points.length).toBeGreaterThan(20)
    const positives = targets.reduce((sum, y) => sum + y, 0)
    for (const { threshold, share, precision, recall, false_positive_rate } of points) {
      const taken = [...p.keys()].filter((row) => (p[row] as number) >= threshold)
      const hits = taken.filter((row) => targets[row] === 1).length
      expect(share).toBeCloseTo(taken.length / p.length, 12)
      expect(precision).toBeCloseTo(hits / taken.length, 12)
      expect(recall).toBeCloseTo(hits / positives, 12)
      expect(false_positive_rate).toBeCloseTo((taken.length - hits) / (p.length - positives), 12)
    }
    expect(points.at(-1)).toMatchObject({ share: 1, recall: 1, false_positive_rate: 1 })
  })

  test('enclose the area under the ROC curve, but for the cuts that are left out', () => {
    let [area, x, y] = [0, 0, 0]
    for (const { false_positive_rate, recall } of points) {
      area += ((false_positive_rate - x) * (recall + y)) / 2
      x = false_positive_rate
      y = recall
    }
    expect(area).toBeCloseTo(rocAuc(p, targets).value ?? 0, 2)
  })

  test('are none where all outcomes are of one class', () => {
    const flat = { ...forecasts, targets: targets.map(() => 0) }
    const head = evaluateHead({
      forecasts: flat,
      anchor: '4min',
      column: 'served',
      resampling: { seed: 1, samples: 20 },
    })
    expect(head.status === 'scored' && head.task === 'binary' && head.operating).toEqual([])
  })
})
