import { ECE_BINS, type BootstrapInterval } from '@breakwater/calibration'
import type { Anchor } from '@breakwater/features'
import type { ForecastBlock, HeadForecasts } from './blocks.ts'
import { headForecasts } from './blocks.ts'
import type { Score, Task } from './documents/figures.ts'
import type {
  BinaryCalibration,
  CalibrationColumn,
  FoldCalibrator,
  HeadCalibrationScores,
  KindScores,
  SetCalibration,
  SkippedCalibration,
  StrengthCalibration,
} from './documents/side-by-side.ts'
import { byKind, type Forecasts } from './forecasts.ts'
import { columnScores, LEVEL, SAMPLES, score } from './score.ts'
import { censoredScores } from './scoring/censored.ts'
import { adaptiveFigures, type FoldInterval, intervalFigures } from './scoring/strength.ts'

/** A column of blocks with what it is. */
export interface ComparedColumn extends CalibrationColumn {
  /** Why it has no conformal intervals of its own; undefined where it has those of the folds. */
  readonly noIntervals?: string
}

/** A head to compare, with what its folds' calibrators are. */
export interface ComparedHead {
  readonly name: string
  readonly anchor: Anchor
  readonly task: Task
  readonly calibrators: readonly (FoldCalibrator & FoldInterval)[]
  /** Why the head has no rows, where that is known before they are looked at. */
  readonly skipped?: string | undefined
}

/** Blocks of forecasts, their columns, and the heads to compare. */
export interface SideBySideInput {
  readonly blocks: readonly ForecastBlock[]
  /** In order; the first is what the others are compared with. */
  readonly columns: readonly ComparedColumn[]
  readonly heads: readonly ComparedHead[]
  /** Id of the column that is the law, where one is: what the others save beyond it is told too. */
  readonly law?: string | undefined
  readonly seed: number
  /** Called before each head with the share that is done. */
  readonly onHead: (done: number, name: string) => void
}

/** Points of the smooth curves. */
const SMOOTH_POINTS = 80

/** Scores every column of every head, each head on the rows that all its columns forecast. */
export function compareSideBySide({ blocks, columns, heads, law, seed, onHead }: SideBySideInput): SetCalibration {
  return {
    columns: columns.map(({ id, title, note }) => ({ id, title, note })),
    method: { level: LEVEL, samples: SAMPLES, seed, bins: ECE_BINS },
    heads: heads.map((head, done) => {
      onHead(done / heads.length, head.name)
      return compareHead(head, { blocks, columns, seed, law })
    }),
  }
}

function compareHead(
  head: ComparedHead,
  input: Pick<SideBySideInput, 'blocks' | 'columns' | 'seed' | 'law'>,
): HeadCalibrationScores | SkippedCalibration {
  const { name, anchor, task } = head
  const found = headForecasts(input.blocks, head)
  const { targets, sessions, leftOut, folds } = found.forecasts
  if (targets.length === 0) {
    return { name, anchor, task, status: 'skipped', reason: head.skipped ?? 'no scored row has a target' }
  }
  return {
    name,
    anchor,
    task,
    status: 'scored',
    rows: targets.length,
    sessions: new Set(sessions).size,
    positives: task === 'binary' ? targets.reduce((sum, target) => sum + target, 0) : null,
    leftOut,
    calibrators: head.calibrators
      .filter(({ fold }) => folds.includes(fold))
      .map(({ fold, kind, reason, rows, sessions: fitted }) => ({ fold, kind, reason, rows, sessions: fitted })),
    columns: task === 'binary' ? binaryColumns(head, found, input) : strengthColumns(head, found.forecasts, input),
    levelKinds:
      task === 'binary' ? byKind(found.forecasts).map(([kind, part]) => kindScores(kind, part, input.seed)) : [],
  }
}

const BINARY = ['brier', 'log_loss', 'auc', 'ece', 'smooth_ece', 'gain_brier', 'gain_log_loss'] as const

function binaryColumns(
  head: ComparedHead,
  { forecasts }: HeadForecasts,
  { blocks, seed, law }: Pick<SideBySideInput, 'blocks' | 'seed' | 'law'>,
): Record<string, BinaryCalibration> {
  const scores = score(forecasts, {
    metrics: BINARY,
    resampling: { seed },
    reliability: { points: SMOOTH_POINTS },
    checks: true,
  })
  const censored = censoredScores(blocks, head, LEVEL)
  const gains = law !== undefined && forecasts.columns.has(law) ? gainsOver(law, forecasts, seed) : null
  const columns = [...scores.columns.keys()].map((id, place): [string, BinaryCalibration] => {
    const { metrics, mean_prediction, reliability, checks } = columnScores(scores, id)
    if (reliability === null || checks === null)
      throw new Error(`evaluation: ${head.name}: lacks scores that were requested.`)
    const { quantile } = reliability.curves
    const column: BinaryCalibration = {
      task: 'binary',
      mean_prediction,
      brier: figuresOf(metrics.brier),
      log_loss: figuresOf(metrics.log_loss),
      auc: figuresOf(metrics.auc),
      ece: figuresOf(metrics.ece),
      mce: quantile.mce,
      smooth_ece: figuresOf(metrics.smooth_ece),
      ...checks,
      curve: quantile,
      smooth: reliability.smooth,
      sharpness: reliability.sharpness,
      gain_brier: place === 0 ? null : figuresOf(metrics.gain_brier),
      gain_log_loss: place === 0 ? null : figuresOf(metrics.gain_log_loss),
      beyond_law: gains?.get(id) ?? null,
      censored: censored.get(id) ?? null,
    }
    return [id, column]
  })
  return Object.fromEntries(columns)
}

/** What every other column saves of the law's log loss. */
function gainsOver(law: string, forecasts: Forecasts, seed: number): ReadonlyMap<string, Score> {
  const ids = [...forecasts.columns.keys()].filter((id) => id !== law)
  const { columns } = score(forecasts, {
    metrics: ['gain_log_loss'],
    columns: ids,
    baseline: law,
    resampling: { seed },
  })
  return new Map([...columns].map(([id, { metrics }]) => [id, figuresOf(metrics.gain_log_loss)]))
}

/** Errors of dollars, the intervals of the bundles, and adaptive intervals. */
function strengthColumns(
  { calibrators }: ComparedHead,
  forecasts: Forecasts,
  { columns, seed }: Pick<SideBySideInput, 'columns' | 'seed'>,
): Record<string, StrengthCalibration> {
  const scores = score(forecasts, { metrics: ['mae', 'bias'], resampling: { seed } })
  const draws = { seed, samples: SAMPLES, level: LEVEL }
  const noneOf = new Map(columns.map(({ id, noIntervals }) => [id, noIntervals]))
  const all = [...scores.columns].map(([id, { metrics, mean_prediction }]): [string, StrengthCalibration] => {
    const reason = noneOf.get(id)
    const column: StrengthCalibration = {
      task: 'regression',
      mean_prediction,
      mean_target: scores.mean_target,
      mae: figuresOf(metrics.mae),
      bias: figuresOf(metrics.bias),
      intervals: reason === undefined ? intervalFigures(forecasts, id, calibrators, draws) : { reason },
      adaptive: adaptiveFigures(forecasts, id),
    }
    return [id, column]
  })
  return Object.fromEntries(all)
}

/** Scores of a binary head for the touches of one kind of level. */
function kindScores(kind: string, forecasts: Forecasts, seed: number): KindScores {
  const intervals = score(forecasts, { metrics: ['brier'], resampling: { seed } })
  const plain = score(forecasts, { metrics: ['log_loss', 'ece', 'smooth_ece'] })
  const columns = [...plain.columns].map(([id, { metrics, mean_prediction }]) => {
    const figures = {
      brier: figuresOf(columnScores(intervals, id).metrics.brier),
      log_loss: metrics.log_loss.estimate,
      ece: metrics.ece.estimate,
      smooth_ece: metrics.smooth_ece.estimate,
      mean_prediction,
    }
    return [id, figures] as const
  })
  return {
    kind,
    rows: plain.rows,
    sessions: plain.sessions,
    base_rate: plain.mean_target,
    columns: Object.fromEntries(columns),
  }
}

/** A metric without its resampling, which the document states once. */
export function figuresOf({ estimate, low, high, reason }: BootstrapInterval): Score {
  return { estimate, low, high, ...(reason === undefined ? {} : { reason }) }
}
