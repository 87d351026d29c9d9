import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Ablation, encodeCounts, encoderToJson, type HeadTarget, stringsOf, timesOf } from '@breakwater/features'
import type { WalkForwardPlan } from '@breakwater/splits'
import type { Bundle, Json } from '@breakwater/trees'
import { importance } from '@breakwater/trees'
import { sha256, writeBundles } from '@breakwater/trees/node'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { absolute, predictionsPath, shown } from '../paths.ts'
import type { Signals } from '../signals-file.ts'
import { DETAILS_VERSION } from './details.ts'
import type { CalibrationRecord, HeadRecord, TrainingDetails } from './details.ts'
import type { HeadCalibration } from './calibrate-heads.ts'
import type { CalibratedFold } from './calibrated-fold.ts'
import { goldenRow } from './golden.ts'
import { rowsOf } from './masks.ts'
import { joinPredictions, writePredictions } from './predictions.ts'
import type { PredictedRole, Predictions } from './predictions.ts'
import type { TrainRequest } from './train.ts'

/** One trained stage and ablation, ready to be written. */
export interface TrainedJob {
  readonly ablation: Ablation
  readonly knownTooLate: Readonly<Record<string, readonly string[]>>
  readonly signals: Signals
  readonly request: TrainRequest
  readonly plan: WalkForwardPlan
  readonly targets: readonly HeadTarget[]
  /** In plan order; the models of the last become the bundles. */
  readonly folds: readonly CalibratedFold[]
}

/** What was written. */
export interface SavedSet {
  /** The metadata file, as a person in the working folder would write it. */
  readonly metadata: string
  readonly details: TrainingDetails
}

/** Writes the predictions of all folds, the bundles of the last one, and the metadata that lists them. */
export async function saveSet(context: Context, job: TrainedJob): Promise<SavedSet> {
  context.signal.throwIfAborted()
  const { stage } = job.request
  const folder = absolute(context.cwd, job.request.outputDir)
  const timestamp = new Date(context.clock()).toISOString()
  const gitSha = gitCommit(context.cwd)
  const file = predictionsPath(folder, stage, job.ablation)
  const role: PredictedRole = job.plan.folds.some(({ test }) => test.length > 0) ? 'test' : 'validation'
  const predictions = joinPredictions(
    role,
    job.folds.map((fold) => predictionsOf(job, fold, role)),
  )
  await writePredictions(file, predictions, { 'breakwater.data_hash': job.signals.hash })
  const details: TrainingDetails = {
    ...describeJob(job),
    gitSha,
    libraryVersion: trainerVersion(),
    predictions: { file: basename(file), sha256: sha256(await readFile(file)), role },
  }
  const last = job.folds.at(-1)
  const metadata = await writeBundles(folder, {
    stage,
    ablation: job.ablation,
    timestamp,
    bundles: last === undefined ? [] : bundlesOf(job, last, timestamp, gitSha),
    skipped: (last?.outcomes ?? [])
      .filter(({ status }) => status === 'skipped')
      .map(({ name, reason }) => ({ head: name, reason: reason ?? 'unknown' })),
    details: toJson(details),
  })
  return { metadata: shown(context.cwd, metadata), details }
}

/** A plain object as the JSON type says it: no undefined, no NaN; what cannot be held is an error when it is written. */
const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

function predictionsOf({ signals: { table } }: TrainedJob, fold: CalibratedFold, role: PredictedRole): Predictions {
  const rows = rowsOf(role === 'test' ? fold.test : fold.validation)
  const ids = stringsOf(table, 'event_id')
  const start = timesOf(table, 'ts_ns')
  const picked = (heads: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    new Map([...heads].map(([name, values]) => [name, Float64Array.from(rows, (row) => values[row] as number)]))
  return {
    role,
    rows: rows.length,
    eventIds: Array.from(rows, (row) => ids[row] as string),
    tsNs: BigInt64Array.from(rows, (row) => start[row] as bigint),
    fold: new Float64Array(rows.length).fill(fold.fold.index),
    heads: picked(fold.predictions),
    // Calibrators may have been fitted on validation rows.
    calibrated: role === 'test' ? picked(fold.calibrated) : new Map(),
  }
}

function bundlesOf(job: TrainedJob, last: CalibratedFold, timestamp: string, gitSha: string | null): Bundle[] {
  const { train, validation, calibration, test } = last.fold
  const metrics = new Map(last.outcomes.map((outcome) => [outcome.name, outcome.metrics]))
  return last.models.map(({ target, model, encoder, features }) => ({
    model,
    description: {
      head: target.name,
      stage: job.request.stage,
      ablation: job.ablation,
      anchor: target.anchor,
      features,
      encoder: toJson(encoderToJson(encoder)),
      dates: { train, validation, calibration, test },
      metrics: toJson(metrics.get(target.name) ?? null),
      timestamp,
      dataHash: job.signals.hash,
      gitSha,
      libraryVersion: trainerVersion(),
      schemaVersion: job.signals.schema.version,
      calibrator: toJson(last.calibrations.get(target.name)?.calibrator ?? null),
      golden: goldenRow(model, encoder, job.signals.table),
    },
  }))
}

function describeJob(job: TrainedJob): Omit<TrainingDetails, 'gitSha' | 'libraryVersion' | 'predictions'> {
  const { signals, request, plan, knownTooLate } = job
  const { rounds, learningRate, maxDepth, gradientLevels, earlyStoppingRounds, seed } = request.trees
  const horizons = new Set(job.targets.flatMap(({ name }) => /_(\d+)s/.exec(name)?.[1] ?? []).map(Number))
  return {
    version: DETAILS_VERSION,
    stage: request.stage,
    ablation: job.ablation,
    data: {
      hash: signals.hash,
      files: signals.files,
      rows: signals.table.rows,
      dates: signals.dates,
      symbol: signals.symbol,
      thresholds: signals.thresholds,
      schemaVersion: signals.schema.version,
    },
    options: {
      rounds,
      learningRate,
      maxDepth,
      gradientLevels: gradientLevels ?? null,
      earlyStoppingRounds: earlyStoppingRounds ?? null,
      anchors: [...new Set(job.targets.map(({ anchor }) => anchor))],
      horizons: [...horizons].toSorted((a, b) => a - b),
      calibrationFolds: request.calibrationFolds,
    },
    plan,
    seed,
    heads: job.targets.map((target) => headRecord(target, job.folds)),
    quality: { ...qualityOf(job.folds), knownTooLate },
  }
}

function headRecord(target: HeadTarget, folds: readonly CalibratedFold[]): HeadRecord {
  const model = folds.at(-1)?.models.find((served) => served.target.name === target.name)?.model
  return {
    name: target.name,
    anchor: target.anchor,
    task: target.task,
    used: target.counts.used,
    masked: target.counts.masked,
    folds: folds.flatMap(({ fold, outcomes, calibrations }) =>
      outcomes
        .filter(({ name }) => name === target.name)
        .map(({ status, reason, trees, trainRows, validationRows, reference, metrics }) => ({
          fold: fold.index,
          status,
          reason,
          trees,
          trainRows,
          validationRows,
          reference,
          metrics,
          calibration: calibrationRecord(calibrations.get(target.name)),
        })),
    ),
    importance: model === undefined ? [] : importance(model).map(({ column, gain }) => ({ column, gain })),
  }
}

function calibrationRecord(calibration: HeadCalibration | undefined): CalibrationRecord {
  const { calibrator = null, reason = 'not trained', rows = 0, sessions = 0, scores = [] } = calibration ?? {}
  return {
    kind: calibrator?.kind ?? null,
    reason,
    rows,
    sessions,
    interval: calibrator?.kind === 'conformal' ? { level: calibrator.level, radius: calibrator.radius } : null,
    scores: scores.map(({ kind, logLoss, gain, gainError, reason: why }) => ({
      kind,
      logLoss,
      gain,
      gainError,
      reason: why ?? null,
    })),
  }
}

/** Missing values of the whole data (every fold encodes it all), and categories that the last fold's training lacks. */
function qualityOf(
  folds: readonly CalibratedFold[],
): Pick<TrainingDetails['quality'], 'columns' | 'missing' | 'unseen'> {
  const last = folds.at(-1)
  const columns = Math.max(0, ...(last?.models ?? []).map(({ model }) => model.columns.length))
  return {
    columns,
    ...encodeCounts(...(last?.encoding ?? [])),
  }
}
