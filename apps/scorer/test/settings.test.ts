import { checkLiveFeatures, liveNeeds } from '@breakwater/features'
import { createViewportScorer } from '@breakwater/scorer'
import { expect, test } from 'vitest'
import { allowedOf, physicsOf, settingsOf } from '#src/embedded/settings'

const DEFAULTS = {
  enabled: true,
  modelDir: 'data/ml/boosted_trees',
  retrievalIndex: null,
  touchesFile: null,
  timeframe: '4min',
  ablation: 'full',
  horizons: null,
  physics: [],
  allowMissing: [],
  payload: 2,
  order: 'utility_score',
  mix: null,
  cost: 0.05,
}

test('the environment gives every setting, and its defaults', () => {
  expect(settingsOf({ VIEWPORT_SCORING_ENABLED: 'true' })).toEqual(DEFAULTS)
  expect(
    settingsOf({
      VIEWPORT_SCORING_ENABLED: 'true',
      VIEWPORT_MODEL_DIR: '/models',
      VIEWPORT_RETRIEVAL_INDEX: '/index',
      VIEWPORT_TIMEFRAME: '8min',
      VIEWPORT_ABLATION: 'ta',
      VIEWPORT_HORIZONS: '60, 300',
      VIEWPORT_PHYSICS: 'tape_imbalance,wall_ratio',
      VIEWPORT_ALLOW_MISSING: 'barrier_state gamma_bucket',
      VIEWPORT_PAYLOAD: '1',
      VIEWPORT_ORDER: 'expected_move',
      VIEWPORT_MIX: 'documented',
      VIEWPORT_COST: '0.1',
      VIEWPORT_TOUCHES: 'state/touches.log',
    }),
  ).toEqual({
    enabled: true,
    modelDir: '/models',
    retrievalIndex: '/index',
    touchesFile: 'state/touches.log',
    timeframe: '8min',
    ablation: 'ta',
    horizons: [60, 300],
    physics: ['tape_imbalance', 'wall_ratio'],
    allowMissing: ['barrier_state', 'gamma_bucket'],
    payload: 1,
    order: 'expected_move',
    mix: 'documented',
    cost: 0.1,
  })
})

test.each([
  [{ VIEWPORT_TIMEFRAME: '5min' }, 'scorer: VIEWPORT_TIMEFRAME=5min: '],
  [{ VIEWPORT_ABLATION: 'none' }, 'scorer: VIEWPORT_ABLATION=none: '],
  [{ VIEWPORT_MIX: 'tuned' }, 'scorer: VIEWPORT_MIX=tuned: '],
  [{ VIEWPORT_HORIZONS: '60,x' }, 'scorer: VIEWPORT_HORIZONS=60,x: must be whole seconds above 0'],
  [{ VIEWPORT_HORIZONS: ',' }, 'scorer: VIEWPORT_HORIZONS=,: must be whole seconds above 0'],
])('%o is refused', (env, message) => {
  expect(() => settingsOf({ VIEWPORT_SCORING_ENABLED: 'true', ...env })).toThrow(message)
})

test('`all` and `physics` name what the live features say', () => {
  const lacking = [...liveNeeds.keys()]
  expect(checkLiveFeatures(lacking, { physics: physicsOf(['all']) })).toEqual([])
  const allowed = checkLiveFeatures(lacking, { allowMissing: allowedOf(['physics']) })
  expect(allowed).toContain('tape_pressure')
  expect(allowed).toContain('gamma_bucket')
  expect(allowed).not.toContain('approach_velocity')
})

test.each([undefined, 'false', 'TRUE', '1', ''])(
  'with VIEWPORT_SCORING_ENABLED=%s nothing is read, checked or scored, and the shape is the same',
  async (value) => {
    const scorer = await createViewportScorer({
      env: { VIEWPORT_SCORING_ENABLED: value, VIEWPORT_TIMEFRAME: 'nonsense', VIEWPORT_MODEL_DIR: '/nowhere' },
    })
    const snapshot = { ts: 1, spy: { spot: 1 }, levels: [], other: 'kept' }
    const scored = scorer.score(snapshot)
    expect(scored).toEqual(snapshot)
    expect('viewport' in scored).toBe(false)
    expect(scorer.viewportOf(snapshot)).toBeUndefined()
    scorer.pin({ kind: 'ROUND' })
    expect(scorer.unpin({ kind: 'ROUND' })).toBe(false)
    expect(scorer.status()).toEqual({ enabled: false })
    expect(await scorer.reload()).toEqual({ status: 'unchanged' })
    await scorer.close()
  },
)

test('with scoring on, missing models are an error that says what to do', async () => {
  await expect(
    createViewportScorer({ env: { VIEWPORT_SCORING_ENABLED: 'true' }, modelDir: '/nowhere/models' }),
  ).rejects.toThrow(
    'models: /nowhere/models: model bundle missing: no metadata_stage_*_full.json. Run `breakwater train --ablation full` first, or correct VIEWPORT_MODEL_DIR.',
  )
})
