import type { BootstrapInterval, MetricKey, MetricRows } from '@breakwater/calibration'
import { METRICS, sessionBlockBootstrap } from '@breakwater/calibration'
import type { Forecasts } from './forecasts.ts'
import { columnOf } from './forecasts.ts'
import { type CalibrationChecks, checkCalibration } from './scoring/checks.ts'
import type { Draws } from './scoring/chance.ts'
import { describeReliability, type Reliability, type ReliabilityOptions } from './scoring/reliability.ts'

/** Resamples of an interval. */
export const SAMPLES = 1000
/** Resamples of smooth errors, smooth curves and bands. */
export const SMOOTH_SAMPLES = 200
/** Level of every interval and band. */
export const LEVEL = 0.95

/** How the sessions are resampled. */
export interface Resampling {
  /** Seed of the draws, a 32-bit integer. */
  readonly seed: number
  /** Default {@link SAMPLES}; smooth errors, curves and bands, which cost more, always take {@link SMOOTH_SAMPLES}. */
  readonly samples?: number | undefined
  /** Default {@link LEVEL}. */
  readonly level?: number | undefined
}

/** What to compute for forecasts. */
export interface ScoreOptions<K extends MetricKey> {
  /** Keys of metrics, all of the task of the forecasts. */
  readonly metrics: readonly K[]
  /** How intervals are made; without it metrics are the plain figures of the rows and have none. */
  readonly resampling?: Resampling | undefined
  /** Column that skill is measured against; by default the best constant of the rows themselves. */
  readonly reference?: string | undefined
  /** Column that gains are counted from; by default the first. */
  readonly baseline?: string | undefined
  /** Columns to score; by default all of them. */
  readonly columns?: readonly string[] | undefined
  /** Reliability curves, the smooth curve and the sharpness of probabilities; needs `resampling`. */
  readonly reliability?: ReliabilityOptions | undefined
  /** True adds tests of calibration, with the bands of calibrated forecasts; needs `resampling`. */
  readonly checks?: boolean | undefined
}

/** Scores of one column. */
export interface ColumnScores<K extends MetricKey> {
  /** By key; `low` and `high` are null where no interval was asked for. */
  readonly metrics: Readonly<Record<K, BootstrapInterval>>
  readonly mean_prediction: number
  /** Null where it was not asked for. */
  readonly reliability: Reliability | null
  readonly checks: CalibrationChecks | null
}

/** Result of {@link score}. */
export interface ForecastScores<K extends MetricKey> {
  readonly rows: number
  readonly sessions: number
  /** Rows of target 1; null for a regression. */
  readonly positives: number | null
  /** Mean of the targets: the base rate of a binary head. */
  readonly mean_target: number
  /** By column id, in the order of the columns. */
  readonly columns: ReadonlyMap<string, ColumnScores<K>>
}

/**
 * Scores every column of forecasts on the same rows: the metrics of `METRICS` that are asked for, with intervals that
 * resample whole sessions, the same draws for all columns; reliability and tests of calibration on request.
 *
 * Throws RangeError without rows, for a metric of the other task, for a column that is not there, where reliability or
 * checks are asked for without resampling, and on bad values (NaN, a probability outside [0, 1]): leave masked rows out.
 * Deterministic for a seed. O(samples x rows) for the AUC's interval, else O(rows log rows + samples x sessions).
 */
export function score<K extends MetricKey>(forecasts: Forecasts, options: ScoreOptions<K>): ForecastScores<K> {
  const { targets, sessions, task, columns } = forecasts
  checkOptions(forecasts, options)
  const ids = options.columns ?? [...columns.keys()]
  const total = sum(targets)
  return {
    rows: targets.length,
    sessions: new Set(sessions).size,
    positives: task === 'binary' ? total : null,
    mean_target: total / targets.length,
    columns: new Map(ids.map((id) => [id, scoreColumn(forecasts, id, options)])),
  }
}

/** The scores of one column; throws if it was not scored. */
export function columnScores<K extends MetricKey>({ columns }: ForecastScores<K>, id: string): ColumnScores<K> {
  const scores = columns.get(id)
  if (scores !== undefined) return scores
  throw new RangeError(
    `evaluation: column=${id}: must be one of ${[...columns.keys()].join(', ')}, which were scored. Name one of them.`,
  )
}

function scoreColumn<K extends MetricKey>(forecasts: Forecasts, id: string, options: ScoreOptions<K>): ColumnScores<K> {
  const { resampling, reliability, checks } = options
  const values = columnOf(forecasts, id)
  return {
    metrics: scoreMetrics(forecasts, values, options),
    mean_prediction: sum(values) / values.length,
    reliability:
      reliability === undefined || resampling === undefined
        ? null
        : describeReliability(forecasts, values, reliability, smoothDraws(resampling)),
    checks:
      checks !== true || resampling === undefined ? null : checkCalibration(forecasts, values, smoothDraws(resampling)),
  }
}

function scoreMetrics<K extends MetricKey>(
  forecasts: Forecasts,
  values: Float64Array,
  { metrics, resampling, reference, baseline }: ScoreOptions<K>,
): Record<K, BootstrapInterval> {
  const { targets, sessions, columns } = forecasts
  const [first = ''] = columns.keys()
  const rows: MetricRows = {
    forecasts: values,
    targets,
    reference: reference === undefined ? undefined : columnOf(forecasts, reference),
    baseline: columnOf(forecasts, baseline ?? first),
  }
  const count = new Set(sessions).size
  const plain = (key: K): BootstrapInterval => ({
    estimate: METRICS[key].estimate(rows),
    low: null,
    high: null,
    samples: 0,
    sessions: count,
  })
  const scores = metrics.map((key): readonly [K, BootstrapInterval] => {
    if (resampling === undefined) return [key, plain(key)]
    const draws = key === 'smooth_ece' ? smoothDraws(resampling) : fullDraws(resampling)
    return [key, sessionBlockBootstrap(sessions, { [key]: METRICS[key].bySession(rows) }, draws)[key] ?? plain(key)]
  })
  return Object.fromEntries(scores) as Record<K, BootstrapInterval>
}

const fullDraws = ({ seed, samples = SAMPLES, level = LEVEL }: Resampling): Draws => ({ seed, samples, level })

const smoothDraws = ({ seed, level = LEVEL }: Resampling): Draws => ({ seed, samples: SMOOTH_SAMPLES, level })

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

function checkOptions<K extends MetricKey>(
  { head, task, targets, columns, sessions }: Forecasts,
  { metrics, resampling, reliability, checks }: ScoreOptions<K>,
): void {
  if (targets.length === 0 || columns.size === 0) {
    throw new RangeError(`evaluation: forecasts of ${head}: have no row or no column. Skip the head, and say why.`)
  }
  for (const [id, values] of [...columns, ['sessions', sessions] as const]) {
    if (values.length === targets.length) continue
    throw new RangeError(
      `evaluation: ${id}.length=${values.length}: must be ${targets.length}, one for each target of ${head}. Align the columns.`,
    )
  }
  const other = metrics.find((key) => METRICS[key].task !== task)
  if (other !== undefined) {
    throw new RangeError(`evaluation: metrics=${other}: is not a metric of a ${task} head (${head}). Leave it out.`)
  }
  if (resampling === undefined && (reliability !== undefined || checks === true)) {
    throw new RangeError('evaluation: resampling=undefined: reliability and checks need it. Pass a seed.')
  }
}
