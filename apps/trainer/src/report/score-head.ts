import { splitAnchor } from '@breakwater/features'
import {
  aucBySession,
  brierBySession,
  brierDecomposition,
  brierScore,
  brierSkillBySession,
  correlation,
  correlationBySession,
  expectedCalibrationError,
  logLoss,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  maximumCalibrationError,
  meanAbsoluteError,
  reliabilityCurve,
  rmseBySession,
  rocAuc,
  rootMeanSquaredError,
  sessionBlockBootstrap,
  skill,
  smoothReliabilityCurve,
  type Values,
} from '@breakwater/calibration'
import type { SmoothCurve } from './calibration.ts'
import type {
  BinaryFigures,
  BinaryHead,
  Curve,
  FoldScores,
  HeadEvaluation,
  HeadIdentity,
  IntervalMethod,
  MaskedRows,
  Reference,
  RegressionFigures,
  RegressionHead,
  Score,
  Task,
} from './evaluation.ts'
import type { Attributions, Importance, Unexplained } from './explanation.ts'

/** The scored rows of one head: rows with a prediction and a target, one value of each array per row. */
export interface HeadPredictions {
  /** Full name with the anchor's suffix: `direction_8min`. */
  readonly name: string
  readonly task: Task
  /** Probabilities for a binary head, dollars for a regression head. */
  readonly predictions: Float32Array | Float64Array
  /** 0 or 1 for a binary head, dollars for a regression head. */
  readonly targets: Float32Array | Float64Array | Uint8Array
  /** Session of each row: `dictionary[codes[i]]`. */
  readonly sessions: { readonly codes: Int32Array; readonly dictionary: readonly string[] }
  /** Fold whose model made each prediction. */
  readonly folds: Int32Array
  /** Seed of the resampled sessions. */
  readonly seed: number
  /** Number of resamples; default 1000. */
  readonly samples?: number
  /** Level of the intervals; default 0.95. */
  readonly level?: number
  /**
   * What a constant forecast would have been for each row, from its fold's training rows: the base rate of a binary
   * head, the median of a regression head. By default the best constant of the scored rows themselves.
   */
  readonly reference?: Float32Array | Float64Array
  readonly masked?: readonly MaskedRows[]
  /** Columns by gain; any order. */
  readonly importance?: readonly Importance[]
  readonly attributions?: Attributions | Unexplained | null
}

/** Bins of the curve by quantile: a tenth of the rows each. */
const QUANTILE_BINS = 10
/** Bins of the curve by width: 0.05 each. */
const WIDTH_BINS = 20
/** Resamples and points of the smooth curve. */
const SMOOTH_SAMPLES = 200
const SMOOTH_POINTS = 60

/**
 * Scores one head: intervals by resampled sessions, figures by fold, and for a binary head its reliability curves.
 * A head without rows is skipped with that reason. Throws on a prediction or target that is not allowed (NaN, a
 * probability outside [0, 1]): leave masked rows out. O(samples x rows) for the AUC's interval, else O(rows log rows).
 */
export function scoreHead(head: HeadPredictions): HeadEvaluation {
  const identity: HeadIdentity = { name: head.name, anchor: splitAnchor(head.name).anchor, masked: head.masked ?? [] }
  if (head.predictions.length === 0) {
    return { ...identity, task: head.task, status: 'skipped', reason: 'no scored row has a target' }
  }
  return head.task === 'binary' ? scoreBinary(head, identity) : scoreRegression(head, identity)
}

function scoreBinary(head: HeadPredictions, identity: HeadIdentity): BinaryHead {
  const { predictions: p, reference } = head
  const y = Float64Array.from(head.targets)
  const positives = sum(y)
  const parts = brierDecomposition(p, y, { bins: QUANTILE_BINS })
  const scores = intervalsOf(head, {
    brier: brierBySession(p, y),
    brierSkill: brierSkillBySession(p, y, reference),
    logLoss: logLossBySession(p, y),
    auc: aucBySession(p, y),
  })
  return {
    ...identity,
    ...common(head),
    task: 'binary',
    positives,
    baseRate: positives / p.length,
    scores,
    brierParts: {
      reliability: parts.reliability,
      resolution: parts.resolution,
      uncertainty: parts.uncertainty,
      withinBin: parts.withinVariance - parts.withinCovariance,
    },
    smooth: smoothCurve(head, y),
    reliability: [curve(p, y, 'quantile', QUANTILE_BINS), curve(p, y, 'width', WIDTH_BINS)],
    folds: byFold(head, (rows) => binaryFigures(take(p, rows), take(y, rows), reference && take(reference, rows))),
  }
}

function scoreRegression(head: HeadPredictions, identity: HeadIdentity): RegressionHead {
  const { predictions: p } = head
  const y = Float64Array.from(head.targets)
  const reference = head.reference ?? new Float64Array(p.length).fill(median(y))
  const mean = sum(y) / y.length
  const scores = intervalsOf(head, {
    mae: maeBySession(p, y),
    maeSkill: maeSkillBySession(p, y, reference),
    rmse: rmseBySession(p, y),
    correlation: correlationBySession(p, y),
  })
  return {
    ...identity,
    ...common(head),
    task: 'regression',
    targetMean: mean,
    targetDeviation: rootMeanSquaredError(y, new Float64Array(y.length).fill(mean)),
    scores,
    folds: byFold(head, (rows) => regressionFigures(take(p, rows), take(y, rows), take(reference, rows))),
  }
}

interface Common {
  readonly status: 'scored'
  readonly rows: number
  readonly sessions: number
  readonly reference: Reference
  readonly intervals: IntervalMethod
  readonly importance: readonly Importance[]
  readonly attributions: Attributions | Unexplained | null
}

function common(head: HeadPredictions): Common {
  const { seed, samples = 1000, level = 0.95, reference, importance = [], attributions = null } = head
  return {
    status: 'scored',
    rows: head.predictions.length,
    sessions: new Set(head.sessions.codes).size,
    reference: reference === undefined ? 'constant of the scored rows' : 'constant of the training rows',
    intervals: { unit: 'session', level, samples, seed },
    importance: importance.toSorted((a, b) => b.gain - a.gain || (a.column < b.column ? -1 : 1)),
    attributions,
  }
}

function intervalsOf<K extends string>(
  { sessions, seed, samples = 1000, level = 0.95 }: HeadPredictions,
  scores: Parameters<typeof sessionBlockBootstrap<K>>[1],
): Record<K, Score> {
  return sessionBlockBootstrap(sessions.codes, scores, { seed, samples, level })
}

function curve(p: Values, y: Values, binning: 'quantile' | 'width', bins: number): Curve {
  const made = reliabilityCurve(p, y, { binning, bins })
  return { binning, bins: made.bins, ece: expectedCalibrationError(made), mce: maximumCalibrationError(made) }
}

/** The smooth curve where there are forecasts to draw it from. */
function smoothCurve({ predictions, sessions, seed, level = 0.95 }: HeadPredictions, y: Values): SmoothCurve {
  const options = { seed, level, samples: SMOOTH_SAMPLES, points: SMOOTH_POINTS }
  const { sigma, points } = smoothReliabilityCurve(predictions, y, sessions.codes, options)
  return { sigma, points: points.filter(({ observedRate }) => observedRate !== null) }
}

function binaryFigures(p: Values, y: Float64Array, reference: Values | undefined): BinaryFigures<number | null> {
  const brier = brierScore(p, y)
  const rate = sum(y) / y.length
  const climate = reference === undefined ? rate * (1 - rate) : brierScore(reference, y)
  return { brier, brierSkill: skill(brier, climate).value, logLoss: logLoss(p, y), auc: rocAuc(p, y).value }
}

function regressionFigures(p: Values, y: Values, reference: Values): RegressionFigures<number | null> {
  const mae = meanAbsoluteError(p, y)
  return {
    mae,
    maeSkill: skill(mae, meanAbsoluteError(reference, y)).value,
    rmse: rootMeanSquaredError(p, y),
    correlation: correlation(p, y).value,
  }
}

function byFold<F>({ folds, sessions }: HeadPredictions, figures: (rows: readonly number[]) => F): FoldScores<F>[] {
  const rowsOf = new Map<number, number[]>()
  for (const [row, fold] of folds.entries()) {
    const rows = rowsOf.get(fold)
    if (rows === undefined) rowsOf.set(fold, [row])
    else rows.push(row)
  }
  return [...rowsOf]
    .toSorted(([a], [b]) => a - b)
    .map(([fold, rows]) => ({
      fold,
      rows: rows.length,
      sessions: new Set(rows.map((row) => sessions.codes[row])).size,
      scores: figures(rows),
    }))
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

const take = (values: Values, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row] ?? Number.NaN)

function median(values: Values): number {
  const sorted = Float64Array.from(values).toSorted()
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
