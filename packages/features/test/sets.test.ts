import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ABLATIONS, hasFeatures, MOMENT_NUMBERS, parseSchema, selectFeatures, STAGES } from '@breakwater/features'
import type { Ablation, FeatureSelection, Schema, Stage } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { originalFeatures } from './contract.ts'

const path = fileURLToPath(new URL('../../../data/features.json', import.meta.url))
const schema = parseSchema(JSON.parse(readFileSync(path, 'utf8')))
const original = parseSchema(originalFeatures())

const namesOf = (from: Schema, stage: Stage, ablation: Ablation, knownBy?: number): string[] => {
  const selection: FeatureSelection = { stage, ablation, ...(knownBy === undefined ? {} : { knownBy }) }
  return selectFeatures(from, selection).features.map(({ name }) => name)
}

const messageOf = (from: Schema, selection: FeatureSelection): string => {
  try {
    selectFeatures(from, selection)
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}

const momentNames = (stage: Stage, ablation: Ablation): string[] =>
  selectFeatures(schema, { stage, ablation, moments: true })
    .features.filter((spec) => schema.moments.includes(spec))
    .map(({ name }) => name)

describe('the shipped feature sets', () => {
  test('stage A is the physics that was asked for, its twins, level kind and direction', () => {
    expect(namesOf(schema, 'stage_a', 'full')).toEqual([
      'level_kind_name',
      'direction',
      'barrier_state',
      'barrier_delta_liq',
      'barrier_delta_liq_nonzero',
      'barrier_delta_liq_log',
      'barrier_replenishment_ratio',
      'wall_ratio',
      'wall_ratio_nonzero',
      'wall_ratio_log',
      'tape_imbalance',
      'tape_buy_vol',
      'tape_sell_vol',
      'tape_velocity',
      'sweep_detected',
      'gamma_exposure',
      'fuel_effect',
      'gamma_bucket',
    ])
  })

  test('stage B is stage A and more, in the same order', () => {
    const a = namesOf(schema, 'stage_a', 'full')
    const b = namesOf(schema, 'stage_b', 'full')
    expect(b.filter((name) => a.includes(name))).toEqual(a)
    expect(b).toEqual(
      expect.arrayContaining(['dist_to_sma_200', 'confluence_count', 'approach_velocity', 'prior_touches']),
    )
    expect(b).toHaveLength(schema.columns.filter(({ role }) => role === 'feature').length)
  })

  test.each([schema, original])('columns of moments come last, and only where they are asked for: %#', (from) => {
    const before = selectFeatures(from, { stage: 'stage_b', ablation: 'full', knownBy: 240 })
    const { features, knownTooLate } = selectFeatures(from, {
      stage: 'stage_b',
      ablation: 'full',
      knownBy: 240,
      moments: true,
    })
    expect(features.slice(0, before.features.length)).toEqual(before.features)
    expect(features.slice(before.features.length).map(({ name }) => name)).toEqual(MOMENT_NUMBERS)
    expect(knownTooLate).toEqual(before.knownTooLate)
  })

  test('stage A and the mechanics see where price stands and how volatile it is, but not how it moved', () => {
    const still = MOMENT_NUMBERS.filter((name) => !/^change_(?:1m|5m|open)$/.test(name))
    expect(still).toHaveLength(MOMENT_NUMBERS.length - 3)
    expect(momentNames('stage_a', 'full')).toEqual(still)
    expect(momentNames('stage_b', 'mechanics')).toEqual(still)
    expect(momentNames('stage_b', 'ta')).toEqual(MOMENT_NUMBERS)
  })

  test('no set has an id, a raw price, a code or a label', () => {
    const banned = ['attempt_cluster_id', 'spot', 'level_price', 'sma_200', 'sma_400', 'level_kind', 'direction_sign']
    for (const name of namesOf(schema, 'stage_b', 'full')) {
      expect(banned).not.toContain(name)
      expect(name).not.toMatch(/outcome|tradeable|excursion|strength|time_to|future|anchor_spot|window_s|ts_ns/)
    }
  })

  test('ta and mechanics share only context, and only the full set has what is made from both', () => {
    const ta = namesOf(schema, 'stage_b', 'ta')
    const mechanics = namesOf(schema, 'stage_b', 'mechanics')
    const context = schema.columns.filter(({ family }) => family === 'context').map(({ name }) => name)
    expect(ta.filter((name) => mechanics.includes(name))).toEqual(context)
    const full = namesOf(schema, 'stage_b', 'full')
    expect(full.filter((name) => !ta.includes(name) && !mechanics.includes(name))).toEqual(['net_break_pressure'])
  })

  test('a value known at the anchor is in time, one known later is left out by name', () => {
    const at = (knownBy: number) => selectFeatures(schema, { stage: 'stage_a', ablation: 'full', knownBy })
    expect(at(240).knownTooLate).toEqual([])
    expect(at(239.9).knownTooLate).toEqual(
      namesOf(schema, 'stage_a', 'full').filter((name) => /barrier|wall/.test(name)),
    )
    expect(at(120).features.map(({ name }) => name)).not.toContain('wall_ratio')
    expect(at(120).features.length + at(120).knownTooLate.length).toBe(18)
  })

  test.each(STAGES.flatMap((stage) => ABLATIONS.map((ablation) => ({ stage, ablation }))))(
    'hasFeatures says whether selecting would succeed: %j',
    (selection) => {
      const refused = messageOf(schema, selection) !== 'nothing was thrown'
      expect(hasFeatures(schema, selection)).toBe(!refused)
      expect(refused).toBe(selection.stage === 'stage_a' && selection.ablation === 'ta')
    },
  )
})

describe('a set that would be empty is refused with the reason', () => {
  test.each<[FeatureSelection, string]>([
    [
      { stage: 'stage_a', ablation: 'ta' },
      'RangeError: features: stage=stage_a, ablation=ta: the feature set is empty: the schema spy-0dte-signals has no ta features in stage_a. Choose another stage or ablation, or add features to features.json.',
    ],
    [
      { stage: 'stage_a', ablation: 'mechanics', knownBy: 30 },
      'its 16 features contain the future or become known after 30 s',
    ],
    [{ stage: 'stage_c' as Stage, ablation: 'full' }, 'features: stage="stage_c": must be one of stage_a, stage_b.'],
    [
      { stage: 'stage_a', ablation: 'all' as Ablation },
      'features: ablation="all": must be one of full, ta, mechanics.',
    ],
    [
      { stage: 'stage_a', ablation: 'full', knownBy: Number.NaN },
      'features: knownBy=NaN: must be seconds of at least 0.',
    ],
  ])('%j', (selection, message) => {
    expect(messageOf(schema, selection)).toContain(message)
  })
})

describe("the original's columns", () => {
  test('that hold the rest of the day are in no set, and are listed', () => {
    const { features, lookahead } = selectFeatures(original, { stage: 'stage_a', ablation: 'full' })
    expect(features.map(({ name }) => name)).toEqual([
      'level_kind_name',
      'direction',
      'barrier_delta_liq',
      'barrier_delta_liq_nonzero',
      'barrier_delta_liq_log',
      'barrier_replenishment_ratio',
      'tape_imbalance',
      'tape_buy_vol',
      'tape_sell_vol',
      'tape_velocity',
      'sweep_detected',
    ])
    expect(lookahead).toEqual([
      'barrier_state',
      'wall_ratio',
      'wall_ratio_nonzero',
      'wall_ratio_log',
      'gamma_exposure',
      'fuel_effect',
      'gamma_bucket',
    ])
  })

  test('that use the enclosing two-minute bar feed a head at 120 s and none before', () => {
    expect(namesOf(original, 'stage_b', 'ta', 120)).toContain('dist_to_sma_200')
    expect(namesOf(original, 'stage_b', 'ta', 119)).not.toContain('dist_to_sma_200')
  })
})
