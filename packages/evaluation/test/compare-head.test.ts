import { compareModels, scoreQuestion } from '@breakwater/evaluation'
import type { ForecastBlock } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { blocks, ROWS } from './block-sample.ts'
import { planted } from './forecast-sample.ts'
import { notFinite } from './not-finite.ts'

const withBase = blocks().map((block): ForecastBlock => {
  const base = new Float64Array(ROWS / 2).fill(0.5)
  const heads = new Map([
    ['direction', base],
    ['strength_signed', base],
  ])
  return { ...block, columns: new Map([...block.columns, ['base', heads]]) }
})
const options = { models: 4, reference: 'base', baseline: 'raw', seed: 7 }

describe('compareModels', () => {
  test('scores every model on the same rows; the constant has no skill, the baseline no gains', () => {
    const head = compareModels(withBase, { name: 'direction', anchor: '4min', task: 'binary' }, options)
    const keys = ['brier', 'log_loss', 'auc', 'brier_skill', 'gain_brier', 'gain_log_loss']
    expect(Object.keys(head?.models['calibrated'] ?? {})).toEqual(keys)
    expect(Object.keys(head?.models['base'] ?? {})).toEqual(keys.filter((key) => key !== 'brier_skill'))
    expect(Object.keys(head?.models['raw'] ?? {})).toEqual(keys.slice(0, 4))
    const { brier, brier_skill, gain_brier } = head?.models['calibrated'] ?? {}
    expect(brier_skill?.estimate).toBeCloseTo(1 - (brier?.estimate ?? 0) / 0.25, 12)
    expect(gain_brier?.estimate).toBeCloseTo(
      (head?.models['raw']?.['brier']?.estimate ?? 0) - (brier?.estimate ?? 0),
      12,
    )
    expect(head?.leftOut).toBeGreaterThan(0)
    expect(notFinite(head)).toEqual([])
  })

  test('compares dollars by absolute error', () => {
    const head = compareModels(
      withBase,
      { name: 'strength_signed', anchor: '4min', task: 'regression' },
      { ...options, models: 3 },
    )
    expect(Object.keys(head?.models['calibrated'] ?? {})).toEqual(['mae', 'correlation', 'mae_skill', 'gain_mae'])
    expect(head?.positives).toBeNull()
    // both columns of the sample say the same of strength
    expect(head?.models['calibrated']?.['gain_mae']).toMatchObject({ estimate: 0, low: 0, high: 0 })
  })

  test('says what the others save beyond the law, and compares a head that the law does not forecast', () => {
    const withLaw = withBase.map((block) => {
      const heads = block.columns.get('raw') ?? new Map<string, Float64Array>()
      const law = new Map([...heads].filter(([name]) => name === 'direction'))
      return { ...block, columns: new Map([...block.columns, ['law', law]]) }
    })
    const against = { ...options, law: 'law' }
    const head = compareModels(withLaw, { name: 'direction', anchor: '4min', task: 'binary' }, against)
    // This law says what the baseline says.
    const { beyond_law, gain_log_loss } = head?.models['calibrated'] ?? {}
    expect(beyond_law).toEqual(gain_log_loss)
    expect(head?.models['law']?.['beyond_law']).toBeUndefined()
    const strength = { name: 'strength_signed', anchor: '4min' as const, task: 'regression' as const }
    expect(compareModels(withLaw, strength, { ...against, models: 3 })?.models['calibrated']).toBeDefined()
  })

  test('compares no head that a model does not forecast', () => {
    const head = { name: 'tradeable_2', anchor: '4min' as const, task: 'binary' as const }
    expect(compareModels(withBase, head, options)).toBeNull()
  })
})

describe('scoreQuestion', () => {
  const asked = planted({
    sessions: 20,
    rowsPerSession: 30,
    seed: 2,
    columns: { neighbours: (p) => 0.5 + 0.5 * (p - 0.5), base: () => 0.5, served: (p) => p },
  })

  test('has the skill of neighbours over the base rate and over what the set serves', () => {
    const { rows, sessions, brier, brier_skill } = scoreQuestion('p_break', 20, asked, 7)
    expect([rows, sessions]).toEqual([600, 20])
    expect(brier.base).toBeCloseTo(0.25, 12)
    expect(brier_skill.base.estimate).toBeCloseTo(1 - (brier.neighbours ?? 0) / 0.25, 12)
    expect(brier_skill.served.estimate).toBeCloseTo(1 - (brier.neighbours ?? 0) / (brier.served ?? 0), 12)
    expect(brier_skill.base.low).toBeGreaterThan(0)
    expect(brier_skill.served.high).toBeLessThan(0)
  })

  test('has the skill of neighbours over the law', () => {
    const columns = new Map([...asked.columns, ['law', asked.columns.get('served') ?? new Float64Array()]])
    const { brier_skill } = scoreQuestion('p_break', 20, { ...asked, columns }, 7)
    expect(brier_skill.law).toEqual(brier_skill.served)
  })

  test('has nulls where the set serves nothing, and without rows', () => {
    const alone = { ...asked, columns: new Map([...asked.columns].filter(([id]) => id !== 'served')) }
    const none = { estimate: null, low: null, high: null }
    expect(scoreQuestion('p_break', 20, alone, 7)).toMatchObject({
      brier: { served: null },
      brier_skill: { served: none, law: { ...none, reason: 'the law does not forecast this head' } },
    })
    const empty = { ...asked, targets: new Float64Array(), sessions: new Int32Array() }
    expect(scoreQuestion('p_break', 20, empty, 7)).toEqual({
      question: 'p_break',
      k: 20,
      rows: 0,
      sessions: 0,
      brier: { neighbours: null, base: null, served: null },
      brier_skill: { base: none, served: none, law: none },
    })
  })
})
