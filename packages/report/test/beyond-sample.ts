import type { EvaluationSet, SetSummary } from '@breakwater/evaluation'

/** Groups of heads, with intervals and without. */
export function sampleSummary(skill: number): SetSummary {
  const summary = everyTouch(skill)
  const { reach } = summary
  const none = { tradeable: null, direction: null, strength: null, strength_ahead: null, extremes_ahead: null }
  return { ...summary, episodes: { reach: reach === null ? null : { ...reach, rows: 512 }, ...none } }
}

function everyTouch(skill: number): SetSummary {
  return {
    anchor: '4min',
    reach: {
      heads: 24,
      rows: 1440,
      sessions: 24,
      mean_log_loss: { estimate: 0.31, low: 0.29, high: 0.33 },
      beyond_law: { estimate: 0.004 * skill, low: -0.0005, high: 0.008 * skill },
      beyond_base: { estimate: 0.02 * skill, low: -0.001, high: 0.04 * skill },
    },
    tradeable: null,
    direction: {
      heads: 1,
      rows: 900,
      sessions: 24,
      mean_log_loss: { estimate: 0.69, low: null, high: null, reason: 'one session' },
      beyond_law: { estimate: null, low: null, high: null, reason: 'the law does not forecast this head' },
      beyond_base: { estimate: 0.01, low: null, high: null, reason: 'one session' },
    },
    strength: {
      heads: 1,
      rows: 1440,
      sessions: 24,
      mae: { estimate: 0.51, low: 0.48, high: 0.55 },
      beyond_law: { estimate: 0.002, low: 0.001, high: 0.003 },
      beyond_base: { estimate: 0.03, low: 0.02, high: 0.04 },
    },
    strength_ahead: {
      heads: 1,
      rows: 1430,
      sessions: 24,
      mae: { estimate: 0.44, low: 0.4, high: 0.48 },
      beyond_law: { estimate: 0.001, low: -0.001, high: 0.002 },
      beyond_base: { estimate: -0.01, low: -0.02, high: 0.01 },
    },
    extremes_ahead: null,
  }
}

/** Of stage A nothing is known. */
export function sampleGains(stage: string): EvaluationSet['columnsBeyondLaw'] {
  if (stage === 'stage_a') return { reason: 'the law has no tilt: validation kept no tree' }
  const none = { estimate: 0.00002, low: -0.0004, high: 0.0005 }
  return {
    anchor: '4min',
    rows: 1430,
    sessions: 24,
    heads: 26,
    swaps: 2,
    all: {
      gain: { estimate: 0.0021, low: 0.0011, high: 0.0032 },
      direction: { estimate: 0.02, low: 0.01, high: 0.03 },
    },
    columns: [
      { column: 'tape_imbalance', gain: { estimate: 0.0012, low: 0.0004, high: 0.002 }, direction: none },
      { column: 'level_kind_name', gain: none, direction: none },
    ],
    others: { columns: ['rsi', 'atr'], gain: none, direction: none },
  }
}
