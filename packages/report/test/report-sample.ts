import { EVALUATION_FORMAT, EVALUATION_VERSION, evaluateHead } from '@breakwater/evaluation'
import type {
  Attributions,
  Evaluation,
  EvaluationSet,
  Forecasts,
  HeadEvaluation,
  HeadInput,
} from '@breakwater/evaluation'
import type { Anchor } from '@breakwater/features'
import { splitAnchor } from '@breakwater/features'
import { sampleGains, sampleSummary } from './beyond-sample.ts'
import { planWalkForward } from '@breakwater/splits'
import { uniforms, weekdays } from './seeded.ts'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const SESSIONS = weekdays(40)
const TOUCHES = 60
const PLAN = planWalkForward(
  { dates: SESSIONS },
  { folds: 4, testSessions: 6, validationSessions: 4, embargoSessions: 1 },
)

interface PlantedTruth {
  /** Log odds of the base rate. */
  readonly base: number
  /** How much of the planted signal the predictions carry, 0 to 1. */
  readonly skill: number
  /** Factor on the predictions' log odds: above 1 is overconfident. */
  readonly confidence?: number
}

/** Rows of the plan's test sessions; each session shifts the odds of its rows. */
function testRows(seed: number): { codes: Int32Array; folds: Int32Array; shift: number[]; random: () => number } {
  const random = uniforms(seed)
  const tested = PLAN.folds.flatMap((fold) => fold.test.map((date) => ({ fold: fold.index, date })))
  const rows = tested.flatMap((day) => Array.from({ length: TOUCHES }, () => day))
  const shift = SESSIONS.map(() => (random() - 0.5) * 0.8)
  return {
    codes: Int32Array.from(rows, ({ date }) => SESSIONS.indexOf(date)),
    folds: Int32Array.from(rows, ({ fold }) => fold),
    shift,
    random,
  }
}

const IMPORTANT = [
  'tape_imbalance',
  'barrier_delta_liq_log',
  'approach_velocity',
  'barrier_state',
  'gamma_exposure',
  'wall_ratio_log',
]
const OTHER = [
  'dist_to_sma_200_atr',
  'confluence_weighted_score',
  'prior_touches',
  'level_kind_name',
  'sma_spread',
  'atr',
  'net_break_pressure',
]

function importance(random: () => number): { column: string; gain: number; share: number }[] {
  const gains = [...IMPORTANT, ...OTHER].map((column, i) => ({
    column,
    gain: (100 / (1 + i)) * (0.7 + 0.6 * random()),
  }))
  const total = gains.reduce((sum, { gain }) => sum + gain, 0)
  return gains.map(({ column, gain }) => ({ column, gain, share: gain / total }))
}

const isReach = (name: string): boolean => /^t[12]_/.test(name)

function attributions(unit: Attributions['unit'], random: () => number): Attributions {
  const columns = [...IMPORTANT, ...OTHER].map((column, i) => {
    const meanAbsolute = (0.6 / (1 + i)) * (0.7 + 0.6 * random())
    return { column, meanAbsolute, mean: meanAbsolute * (random() - 0.5) }
  })
  return { rows: 360, unit, columns: columns.toSorted((a, b) => b.meanAbsolute - a.meanAbsolute) }
}

/** One column of forecasts of a head, without what was not served. */
function scoredOn({
  served,
  law,
  ...rest
}: Pick<Forecasts, 'head' | 'task' | 'targets' | 'sessions' | 'folds'> & {
  served: Float64Array
  law?: Float64Array
}): Pick<HeadInput, 'forecasts' | 'anchor' | 'column' | 'law' | 'thresholds' | 'resampling'> {
  return {
    forecasts: {
      ...rest,
      columns: new Map([['served', served], ...(law === undefined ? [] : [['law', law] as const])]),
      kinds: [],
      leftOut: 0,
      episodes: Int32Array.from(rest.targets, (_, row) => Math.floor(row / 4)),
      moved: Float64Array.from(rest.targets, (_, row) => ((row * 7) % 20) / 10 - 0.95),
    },
    thresholds: [1, 2],
    anchor: splitAnchor(rest.head).anchor,
    column: 'served',
    law: 'law',
    resampling: { seed: 7, samples: 200 },
  }
}

function binary(name: string, seed: number, { base, skill, confidence = 1 }: PlantedTruth): HeadEvaluation {
  const { codes, folds, shift, random } = testRows(seed)
  const signal = Float64Array.from(codes, () => (random() + random() + random() - 1.5) * 1.6)
  const odds = signal.map((value, row) => base + value + (shift[codes[row] ?? 0] ?? 0))
  const served = Float64Array.from(signal, (value) =>
    sigmoid(base + confidence * (skill * value + (1 - skill) * (random() - 0.5))),
  )
  const targets = Float64Array.from(odds, (value) => Number(random() < sigmoid(value)))
  // The law knows the half of the signal.
  const law = signal.map((value) => sigmoid(base + 0.5 * skill * value))
  return evaluateHead({
    ...scoredOn({ head: name, task: 'binary', served, law, targets, sessions: codes, folds }),
    masked: [
      { reason: 'window incomplete', rows: 40 + (seed % 9) },
      { reason: 'threshold already passed at the anchor', rows: 25 * (seed % 7) },
    ],
    importance: importance(random),
    attributions: isReach(name) ? null : attributions('log odds', random),
  })
}

function strength(name: string, seed: number): HeadEvaluation {
  const { codes, folds, random } = testRows(seed)
  const signal = Float64Array.from(codes, () => (random() + random() + random() - 1.5) * 2)
  const served = signal.map((value) => value * 0.4)
  const targets = signal.map((value) => value * 0.5 + (random() + random() - 1) * 2.4)
  return evaluateHead({
    ...scoredOn({ head: name, task: 'regression', served, targets, sessions: codes, folds }),
    masked: [{ reason: 'window incomplete', rows: 44 }],
    importance: importance(random),
    attributions: attributions('dollars', random),
  })
}

/** What is still to come: without a model, so without columns. */
function ahead(name: string, seed: number): HeadEvaluation {
  const { codes, folds, random } = testRows(seed)
  const served = Float64Array.from(codes, () => 0.2 * (random() - 0.5))
  const targets = served.map((value) => value + (random() + random() - 1) * 1.2)
  return evaluateHead(scoredOn({ head: name, task: 'regression', served, targets, sessions: codes, folds }))
}

function headsAt(anchor: Anchor, seed: number, skill: number): HeadEvaluation[] {
  const suffix = anchor === '4min' ? '' : `_${anchor}`
  const sides = ['', '_break', '_bounce']
  const reach = ([1, 2] as const).flatMap((threshold) =>
    sides.flatMap((side, s) =>
      [60, 120, 180, 300].map((seconds, h): HeadEvaluation => {
        const name = `t${threshold}${side}_${seconds}s${suffix}`
        const base = -1.2 - threshold - s * 0.3 + h * 0.6
        if (threshold === 2 && h === 0 && side === '_break') {
          const reason = 'one class only: no fold has 20 positives in training'
          return {
            name,
            anchor,
            task: 'binary',
            status: 'skipped',
            reason,
            masked: [{ reason: 'window incomplete', rows: 41 }],
          }
        }
        return binary(name, seed + 10 * threshold + 3 * s + h, { base, skill })
      }),
    ),
  )
  return [
    binary(`tradeable_2${suffix}`, seed, { base: 0.6, skill }),
    binary(`direction${suffix}`, seed + 1, { base: 0.1, skill: skill * 0.6, confidence: 1.8 }),
    strength(`strength_signed${suffix}`, seed + 2),
    ...reach,
  ]
}

/** The law, but in the first fold, where heads saved more. */
function choiceOf(fold: number): EvaluationSet['serving'][number] {
  const counts = { fold, standardError: 0.001, sessions: 12, rows: 720 }
  return fold === 0
    ? { ...counts, kind: 'heads', reason: 'heads saved more: they are served', saved: 0.004 }
    : { ...counts, kind: 'law', reason: `heads of fold ${fold} lost more: the law is served`, saved: -0.002 }
}

function makeSet(stage: string, skill: number, seed: number): EvaluationSet {
  return {
    stage,
    ablation: 'full',
    source: 'out of fold',
    calibrated: true,
    serving: PLAN.folds.map(({ index }) => choiceOf(index)),
    calibration: null,
    summary: sampleSummary(skill),
    plan: {
      kind: PLAN.kind,
      folds: PLAN.folds.map((fold) => ({
        ...fold,
        counts: {
          train: fold.train.length * TOUCHES - 5,
          validation: fold.validation.length * TOUCHES,
          calibration: 0,
          test: fold.test.length * TOUCHES,
          purged: 5 - fold.index,
        },
      })),
    },
    final: null,
    mix: null,
    touch: null,
    heads: (['2min', '4min', '8min'] as const).flatMap((anchor, i) => headsAt(anchor, seed + 100 * i, skill)),
    ahead: (['2min', '4min', '8min'] as const).map((anchor, i) =>
      ahead(anchor === '4min' ? 'strength_ahead' : `strength_ahead_${anchor}`, seed + 50 + i),
    ),
    columnsBeyondLaw: sampleGains(stage),
    dataQuality: {
      columns: 78,
      missing: [
        { column: 'dealer_pressure_accel', rows: 2400, rate: 1 },
        { column: 'wall_ratio_log', rows: 1412, rate: 1412 / 2400 },
        { column: 'sma_400', rows: 310, rate: 310 / 2400 },
        { column: 'atr', rows: 12, rate: 12 / 2400 },
      ],
      allMissing: ['dealer_pressure_accel'],
      unseenCategories: [{ column: 'level_kind_name', category: 'CALL_WALL', rows: 3 }],
    },
    provenance: {
      trained: '2025-03-03T20:00:00.000Z',
      gitSha: '60274b2d9f1f4c86b0a7e1d85a6f3b0e9c2d4f6a',
      libraryVersion: '0.0.0',
      seed: 7,
      dataHash: '6b0a7cf2e0d54f4a9a1f2d0c64b7e1d85a6f3b0e9c2d4f6a8b1c3d5e7f901234',
      files: [
        {
          file: `direction_${stage}_full.onnx`,
          sha256: '0c9c2d4f6a8b1c3d5e7f9012346b0a7cf2e0d54f4a9a1f2d0c64b7e1d85a6f3b',
        },
      ],
    },
  }
}

/** A made-up evaluation of two stages with planted skill: 40 sessions, four folds, every head at three anchors. */
export function sampleEvaluation(): Evaluation {
  return {
    format: EVALUATION_FORMAT,
    version: EVALUATION_VERSION,
    data: {
      symbol: 'SPY',
      rows: SESSIONS.length * TOUCHES,
      sessions: SESSIONS.length,
      firstDate: SESSIONS[0] ?? '',
      lastDate: SESSIONS.at(-1) ?? '',
      thresholds: [1, 2],
    },
    sets: [makeSet('stage_a', 0.35, 5), makeSet('stage_b', 0.8, 17)],
    served: null,
    provenance: {
      dataHash: '6b0a7cf2e0d54f4a9a1f2d0c64b7e1d85a6f3b0e9c2d4f6a8b1c3d5e7f901234',
      gitSha: '60274b2d9f1f4c86b0a7e1d85a6f3b0e9c2d4f6a',
      libraryVersion: '0.0.0',
      timestamp: '2025-03-03T21:15:00.000Z',
      seed: 7,
      schemaVersion: '2.0.0',
      sources: ['simulated, seed 7'],
    },
    notes: [
      'Simulated data with planted effects: the figures say that the pipeline works, not that a market can be forecast.',
    ],
  }
}
