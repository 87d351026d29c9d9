import { evaluateHead, type EvaluationSet, setCurves, setFigures } from '@breakwater/evaluation'
import { expect, test } from 'vitest'
import { sideBySide } from './block-sample.ts'
import { planted } from './forecast-sample.ts'

const forecasts = planted({ sessions: 6, rowsPerSession: 20, seed: 3, columns: { served: (p) => p } })
const head = evaluateHead({ forecasts, anchor: '4min', column: 'served', resampling: { seed: 1, samples: 20 } })
const skipped = {
  name: 't1_60s',
  anchor: '4min',
  task: 'binary',
  status: 'skipped',
  reason: 'none',
  masked: [],
} as const
const set: EvaluationSet = {
  stage: 'stage_b',
  ablation: 'full',
  source: 'out of fold',
  plan: { kind: 'expanding', folds: [] },
  calibrated: true,
  serving: [],
  final: null,
  mix: null,
  touch: null,
  summary: {
    anchor: '4min',
    reach: null,
    tradeable: null,
    direction: null,
    strength: null,
    strength_ahead: null,
    extremes_ahead: null,
  },
  heads: [head, skipped],
  ahead: [{ ...skipped, name: 'strength_ahead', task: 'regression' }],
  columnsBeyondLaw: { reason: 'the set has no law' },
  dataQuality: { missing: [], allMissing: [], unseenCategories: [], columns: 0 },
  provenance: { trained: '', gitSha: null, libraryVersion: '', seed: 1, dataHash: '', files: [] },
  calibration: sideBySide(),
}

/** Paths to the numbers of a tree. */
const paths = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => paths(inner, path === '' ? key : `${path}/${key}`))
    : typeof value === 'number'
      ? [path]
      : []

test('a run has every score of a head by its key, without lists and without counts of resamples', () => {
  if (head.status !== 'scored' || head.task !== 'binary') throw new Error('the head is scored')
  const figures = setFigures(set)
  expect(figures['direction']).toMatchObject({
    rows: 120,
    base_rate: head.base_rate,
    brier_skill: { estimate: head.scores.brier_skill.estimate },
    quantile: { ece: head.reliability[0]?.ece },
  })
  const found = paths(figures)
  expect(found).toContain('direction/beyond_base/low')
  expect(figures['summary']).toEqual(set.summary)
  expect(found).toContain('direction/log_loss/low')
  expect(found).toContain('direction/compared/columns/calibrated/gain_brier/estimate')
  expect(found).toContain('strength_signed/compared/columns/raw/intervals/mean_width')
  expect(found.filter((path) => /samples|bins|points|\/\d/.test(path))).toEqual([])
  expect(figures['t1_60s']).toEqual({ compared: undefined })
})

test('what is left out stands beside them', () => {
  expect(Object.keys(setCurves(set).heads)).toEqual(['direction'])
  expect(setCurves(set).compared).toBe(set.calibration)
})
