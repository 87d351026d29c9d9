import type { MetricKey, MetricRows } from '@breakwater/calibration'
import { METRICS, sessionBlockBootstrap } from '@breakwater/calibration'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyForecasts, apart, uniforms } from './forecasts.ts'

const keys = Object.keys(METRICS) as MetricKey[]
const of = (task: 'binary' | 'regression'): MetricKey[] => keys.filter((key) => METRICS[key].task === task)

const better = (way: string | null): string[] => keys.filter((key) => METRICS[key].better === way)

/** The estimate that the bootstrap gives for the rows as they are. */
function resampled(key: MetricKey, rows: MetricRows): number | null {
  const sessions = Int32Array.from({ length: rows.forecasts.length }, (_, row) => row % 3)
  const scores = sessionBlockBootstrap(sessions, { [key]: METRICS[key].bySession(rows) }, { seed: 1, samples: 1 })
  return scores[key]?.estimate ?? null
}

describe('METRICS', () => {
  // The smooth error of resamples is coarser than that of the rows.
  test.each(of('binary').filter((key) => key !== 'smooth_ece'))('%s is the same of rows and of sessions', (key) => {
    fc.assert(
      fc.property(anyForecasts, ({ p, y }) => {
        const rows = { forecasts: p, targets: y, baseline: p.map((value) => 1 - value) }
        const [plain, drawn] = [METRICS[key].estimate(rows), resampled(key, rows)]
        expect(apart(plain, drawn)).toBeLessThan(1e-9)
      }),
      { seed: 5, numRuns: 200 },
    )
  })

  test.each(of('regression'))('%s is the same of rows and of sessions', (key) => {
    const random = uniforms(3)
    const targets = Float64Array.from({ length: 90 }, () => 5 * (random() - 0.5))
    const rows = { forecasts: targets.map((t) => t / 2 + random()), targets, baseline: targets.map(() => random()) }
    expect(apart(METRICS[key].estimate(rows), resampled(key, rows))).toBeLessThan(1e-12)
  })

  test('measures skill against the reference, by default the best constant', () => {
    const targets = [0, 0, 1, 1, 1]
    const forecasts = [0.1, 0.3, 0.6, 0.9, 0.5]
    const constant = targets.map(() => 0.6)
    const skill = METRICS.brier_skill
    expect(skill.estimate({ forecasts, targets })).toBeCloseTo(
      skill.estimate({ forecasts, targets, reference: constant }) ?? 9,
      12,
    )
    const dollars = [1, 2, 4, 9]
    const guess = [1, 2, 3, 4]
    const median = dollars.map(() => 3)
    const { estimate } = METRICS.mae_skill
    expect(estimate({ forecasts: guess, targets: dollars })).toBe(
      estimate({ forecasts: guess, targets: dollars, reference: median }),
    )
  })

  test('says which way is better', () => {
    expect(better('higher')).toEqual([
      'brier_skill',
      'auc',
      'gain_brier',
      'gain_log_loss',
      'mae_skill',
      'correlation',
      'gain_mae',
    ])
    expect(better(null)).toEqual(['bias'])
  })

  test('needs the forecasts that a gain is counted from', () => {
    expect(() => METRICS.gain_brier.estimate({ forecasts: [0.5], targets: [1] })).toThrow(
      'calibration: baseline.length=undefined: must be 1, one for each forecast, for gain_brier.',
    )
  })
})
