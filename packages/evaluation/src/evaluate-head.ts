import {
  type BootstrapInterval,
  calibrationNullBand,
  ECE_BINS,
  eceStatistic,
  type MetricKey,
  rootMeanSquaredError,
} from '@breakwater/calibration'
import type { Anchor, Thresholds } from '@breakwater/features'
import type { Attributions, Importance, NoAttributions } from './documents/explanation.ts'
import type { BinaryHead, FoldScores, HeadEvaluation, MaskedRows, RegressionHead } from './documents/head.ts'
import { byFold, columnOf, type Forecasts } from './forecasts.ts'
import { columnScores, LEVEL, type Resampling, SAMPLES, score, type ScoreOptions, SMOOTH_SAMPLES } from './score.ts'
import { type Beyond, beyond } from './scoring/beyond.ts'
import { overlapUnder } from './scoring/chance.ts'
import { operatingPoints } from './scoring/operating.ts'
import { placeCells, placeEdges } from './scoring/places.ts'

/** A head's forecasts with what else its part of the document holds. */
export interface HeadInput {
  readonly forecasts: Forecasts
  readonly anchor: Anchor
  /** The column that is scored. */
  readonly column: string
  /**
   * Column of what a constant forecast would have been for each row, from its fold's training rows: the base rate of a
   * binary head, the median of a regression. By default the best constant of the scored rows themselves.
   */
  readonly reference?: string | undefined
  /** Column of the law of first passage; without it nothing is said of what lies beyond it. */
  readonly law?: string | undefined
  /** Reach thresholds in dollars, which bound the cells of where price stood; without them there are none. */
  readonly thresholds?: Thresholds | undefined
  readonly resampling: Resampling
  readonly masked?: readonly MaskedRows[]
  /** Columns of the model by gain; any order. */
  readonly importance?: readonly Importance[]
  readonly attributions?: Attributions | NoAttributions | null
}

/** Points of the smooth curve. */
const SMOOTH_POINTS = 60

const BINARY = ['brier', 'brier_skill', 'log_loss', 'auc'] as const
const REGRESSION = ['mae', 'mae_skill', 'rmse', 'correlation'] as const

/**
 * The evaluation of one head: its scores with intervals, its figures by fold, and for a binary head its reliability. A
 * head without rows is skipped with that reason. Throws as `score` does.
 */
export function evaluateHead(input: HeadInput): HeadEvaluation {
  const { forecasts, anchor, masked = [] } = input
  const identity = { name: forecasts.head, anchor, masked }
  if (forecasts.targets.length === 0) {
    return { ...identity, task: forecasts.task, status: 'skipped', reason: 'no scored row has a target' }
  }
  const head = { ...identity, ...commonOf(input) }
  return forecasts.task === 'binary' ? { ...head, ...binaryOf(input) } : { ...head, ...regressionOf(input) }
}

type Common = Pick<
  BinaryHead,
  'status' | 'rows' | 'sessions' | 'reference' | 'intervals' | 'importance' | 'attributions'
>

function commonOf({ forecasts, reference, resampling, importance = [], attributions = null }: HeadInput): Common {
  const { seed, samples = SAMPLES, level = LEVEL } = resampling
  return {
    status: 'scored',
    rows: forecasts.targets.length,
    sessions: new Set(forecasts.sessions).size,
    reference: reference === undefined ? 'constant of the scored rows' : 'constant of the training rows',
    intervals: { unit: 'session', level, samples, seed },
    importance: importance.toSorted((a, b) => b.gain - a.gain || (a.column < b.column ? -1 : 1)),
    attributions,
  }
}

type BinaryPart = Pick<
  BinaryHead,
  | 'task'
  | 'positives'
  | 'effective_rows'
  | 'base_rate'
  | 'scores'
  | 'brier_parts'
  | 'smooth'
  | 'reliability'
  | 'null_ece'
  | 'places'
  | 'operating'
  | 'folds'
>

function binaryOf(input: HeadInput): BinaryPart {
  const { forecasts, column, reference, resampling, thresholds } = input
  const options = { metrics: BINARY, columns: [column], reference }
  const all = score(forecasts, { ...options, resampling, reliability: { points: SMOOTH_POINTS } })
  const { metrics, reliability } = columnScores(all, column)
  if (reliability === null)
    throw new Error(`evaluation: ${forecasts.head}: its reliability was asked for and is absent.`)
  const { curves, smooth, brier_parts } = reliability
  const p = columnOf(forecasts, column)
  const overlap = overlapUnder(forecasts, p)
  const draws = { seed: resampling.seed, samples: SMOOTH_SAMPLES, level: resampling.level ?? LEVEL }
  const { skill_law: brier_skill_law, ...gains } = beyondOf(input, withConstant(forecasts), resampling)
  return {
    task: 'binary',
    positives: all.positives ?? 0,
    effective_rows: overlap?.effectiveRows ?? all.rows,
    base_rate: all.mean_target,
    scores: { ...metrics, brier_skill_law, ...gains },
    brier_parts,
    smooth,
    reliability: [curves.quantile, curves.width],
    null_ece: calibrationNullBand(p, eceStatistic({ bins: ECE_BINS }), { ...draws, overlap }),
    operating: operatingPoints(p, forecasts.targets),
    places:
      thresholds === undefined ? [] : placeCells(forecasts, column, placeEdges(thresholds), { ...draws, overlap }),
    folds: foldScores(input, forecasts, options, ({ skill_law, ...rest }) => ({ brier_skill_law: skill_law, ...rest })),
  }
}

type RegressionPart = Pick<RegressionHead, 'task' | 'mean_target' | 'target_deviation' | 'scores' | 'folds'>

function regressionOf(input: HeadInput): RegressionPart {
  const { forecasts, column, reference, resampling } = input
  const { targets } = forecasts
  // One median for all folds, so that the figures of the folds are measured against what the whole is.
  const known = withConstant(forecasts)
  const options = { metrics: REGRESSION, columns: [column], reference: reference ?? CONSTANT }
  const all = score(known, { ...options, resampling })
  const { mean_target } = all
  const { skill_law: mae_skill_law, ...gains } = beyondOf(input, known, resampling)
  return {
    task: 'regression',
    mean_target,
    target_deviation: rootMeanSquaredError(targets, new Float64Array(targets.length).fill(mean_target)),
    scores: { ...columnScores(all, column).metrics, mae_skill_law, ...gains },
    folds: foldScores(input, known, options, ({ skill_law, ...rest }) => ({ mae_skill_law: skill_law, ...rest })),
  }
}

function beyondOf({ column, law, reference }: HeadInput, known: Forecasts, resampling?: Resampling): Beyond {
  return beyond(known, column, { law, base: reference ?? CONSTANT }, resampling)
}

/** The plain figures of each fold's rows. */
function foldScores<K extends MetricKey, B extends string>(
  input: HeadInput,
  forecasts: Forecasts,
  options: Pick<ScoreOptions<K>, 'metrics' | 'columns' | 'reference'>,
  named: (more: Beyond) => Record<B, BootstrapInterval>,
): FoldScores<Record<K | B, number | null>>[] {
  return byFold(forecasts).map(([fold, part]) => {
    const all = score(part, options)
    const { metrics } = columnScores(all, input.column)
    const more = named(beyondOf(input, withConstant(part), undefined))
    const figures = Object.entries<BootstrapInterval>({ ...metrics, ...more })
    const scores = Object.fromEntries(figures.map(([key, { estimate }]) => [key, estimate])) as Record<
      K | B,
      number | null
    >
    return { fold, rows: all.rows, sessions: all.sessions, scores }
  })
}

/** Id of the column that {@link withConstant} adds; no column of forecasts is called so. */
const CONSTANT = ' constant of the scored rows'

/** The best constant of the rows as a column of its own: the base rate, or the median. Stays where it is there already. */
function withConstant(forecasts: Forecasts): Forecasts {
  const { targets, columns, task } = forecasts
  if (columns.has(CONSTANT)) return forecasts
  const constant = task === 'binary' ? targets.reduce((sum, y) => sum + y, 0) / targets.length : medianOf(targets)
  return { ...forecasts, columns: new Map([...columns, [CONSTANT, new Float64Array(targets.length).fill(constant)]]) }
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted()
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
