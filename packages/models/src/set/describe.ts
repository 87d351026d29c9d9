import type { HeadTarget } from '@breakwater/features'
import { encodeCounts, encoderToJson, stringsOf, timesOf } from '@breakwater/features'
import type { Bundle, Json } from '@breakwater/trees'
import { importance } from '@breakwater/trees'
import { tableAtAnchor } from '../at-anchor.ts'
import { type FeatureBaseline, featureBaseline } from '../baseline/baseline.ts'
import type { HeadCalibration } from '../fit/calibrators.ts'
import { finalRecord } from '../fit/final.ts'
import { type FittedSet, horizonsOf } from '../fit/fit-set.ts'
import type { CalibratedFold } from '../fit/calibrated-fold.ts'
import { specOf } from '../fit/fold-law.ts'
import { servedColumns } from '../fit/served.ts'
import type { LawOrigin, SetLaw } from '../law/forecaster.ts'
import { rowsOf } from '../rows.ts'
import { DETAILS_VERSION } from './details.ts'
import type { CalibrationRecord, HeadRecord, TrainingDetails } from './details.ts'
import type { LawRecord } from './law-record.ts'
import { FINAL_FIGURES } from './final-record.ts'
import { goldenRow } from './golden.ts'
import { joinPredictions } from './predictions.ts'
import type { PredictedRole, Predictions } from './predictions.ts'
import { recordAhead, testHeads } from './test-heads.ts'

/** When, and by which program, something is written. */
export interface Origin {
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** Commit of the program's checkout; null outside one. */
  readonly gitSha: string | null
  readonly libraryVersion: string
}

/** A trained set in memory: all that is written of it, but for the hashes of its predictions and its law. */
export interface SetDescription {
  readonly details: Omit<TrainingDetails, 'predictions'>
  /** The models of the final fit, or else of the last fold, by head. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Heads without a bundle. */
  readonly skipped: readonly { readonly head: string; readonly reason: string }[]
  /** Of the same fit; null where it has none. */
  readonly law: SetLaw | null
  /** Of all folds. */
  readonly predictions: Predictions
}

/** Models that are served: those of the final fit, else of the last fold. */
type ServedFit = Pick<CalibratedFold, 'fold' | 'outcomes' | 'models' | 'law' | 'calibrations' | 'uncertainties'>

const servedFit = ({ final, folds }: FittedSet): ServedFit | undefined => final ?? folds.at(-1)

/** Heads without a served model, with the last fold's reason where no fold has one. */
function skippedOf(fitted: FittedSet): SetDescription['skipped'] {
  const outcomes = [...(fitted.folds.at(-1)?.outcomes ?? []), ...(fitted.final?.outcomes ?? [])]
  const reasons = new Map(outcomes.map(({ name, reason }) => [name, reason]))
  const served = new Set(servedFit(fitted)?.models.map(({ target }) => target.name))
  return [...reasons]
    .filter(([name]) => !served.has(name))
    .map(([name, reason]) => ({ head: name, reason: reason ?? 'unknown' }))
}

/** What a fitted set comes to: the models of its final fit, or of its last fold, as bundles, the predictions of all folds, and the record of both. */
export function describeSet(fitted: FittedSet, origin: Origin): SetDescription {
  const role: PredictedRole = fitted.plan.folds.some(({ test }) => test.length > 0) ? 'test' : 'validation'
  const models = servedFit(fitted)
  return {
    details: { ...detailsOf(fitted), gitSha: origin.gitSha, libraryVersion: origin.libraryVersion },
    bundles: models === undefined ? new Map() : bundlesOf(fitted, models, origin),
    skipped: skippedOf(fitted),
    law: models === undefined ? null : lawOf(fitted, models, origin),
    predictions: joinPredictions(
      role,
      fitted.folds.map((fold) => predictionsOf(fitted, fold, role)),
    ),
  }
}

/** A plain object without undefined values; what JSON cannot hold is an error when it is written. */
export const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

function predictionsOf({ signals, targets }: FittedSet, fold: CalibratedFold, role: PredictedRole): Predictions {
  const { table } = signals
  const { predictions: heads, serving: choice, law } = fold
  const anchors = [...new Set(targets.map(({ anchor }) => anchor))]
  const rows = rowsOf(role === 'test' ? fold.test : fold.validation)
  const ids = stringsOf(table, 'event_id')
  const start = timesOf(table, 'ts_ns')
  const picked = (columns: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    new Map([...columns].map(([name, values]) => [name, Float64Array.from(rows, (row) => values[row] as number)]))
  return {
    role,
    rows: rows.length,
    eventIds: Array.from(rows, (row) => ids[row] as string),
    tsNs: BigInt64Array.from(rows, (row) => start[row] as bigint),
    fold: new Float64Array(rows.length).fill(fold.fold.index),
    heads: picked(heads),
    // Calibrators may have been fitted on validation rows.
    calibrated: role === 'test' ? picked(fold.calibrated) : new Map(),
    law: picked(law.predictions.law),
    tilted: picked(law.predictions.tilted),
    served: picked(
      role === 'test'
        ? fold.served
        : servedColumns({ choice, spec: specOf(signals, targets), anchors, heads, tilted: law.predictions.tilted }),
    ),
  }
}

/** Where models of a fit come from. */
function originOf({ signals }: FittedSet, { fold }: ServedFit, origin: Origin): LawOrigin {
  const { train, validation, calibration, test } = fold
  return {
    dates: { train, validation, calibration, test },
    timestamp: origin.timestamp,
    dataHash: signals.hash,
    gitSha: origin.gitSha,
    libraryVersion: origin.libraryVersion,
    schemaVersion: signals.schema.version,
  }
}

function lawOf(fitted: FittedSet, last: ServedFit, origin: Origin): SetLaw | null {
  return last.law.status === 'skipped' ? null : { ...last.law.law, origin: originOf(fitted, last, origin) }
}

function bundlesOf(fitted: FittedSet, last: ServedFit, origin: Origin): ReadonlyMap<string, Bundle> {
  const { stage, ablation, signals, final } = fitted
  const { dates, ...from } = originOf(fitted, last, origin)
  const metrics = new Map<string, object>(
    last.outcomes.map((outcome) => [outcome.name, final === undefined ? outcome.metrics : { none: FINAL_FIGURES }]),
  )
  const bundles = last.models.map(({ target, model, encoder, features }): Bundle => {
    const description = {
      head: target.name,
      stage,
      ablation,
      anchor: target.anchor,
      features,
      encoder: toJson(encoderToJson(encoder)),
      dates,
      metrics: toJson(metrics.get(target.name) ?? null),
      ...from,
      calibrator: toJson(last.calibrations.get(target.name)?.calibrator ?? null),
      golden: goldenRow(model, encoder, tableAtAnchor(encoder.encodings, signals.table, target.anchor)),
    }
    return { model, description }
  })
  return new Map(bundles.map((bundle) => [bundle.description.head, bundle]))
}

function detailsOf(fitted: FittedSet): Omit<TrainingDetails, 'gitSha' | 'libraryVersion' | 'predictions'> {
  const { signals, targets, plan, knownTooLate } = fitted
  const { rounds, learningRate, maxDepth, gradientLevels, earlyStoppingRounds, monotone, seed } = fitted.trees
  return {
    version: DETAILS_VERSION,
    stage: fitted.stage,
    ablation: fitted.ablation,
    data: {
      hash: signals.hash,
      files: signals.files,
      rows: signals.table.rows,
      dates: signals.dates,
      symbol: signals.symbol,
      thresholds: signals.thresholds,
      schemaVersion: signals.schema.version,
      ...(signals.settings === undefined ? {} : { settings: { ...signals.settings } }),
    },
    options: {
      rounds,
      learningRate,
      maxDepth,
      gradientLevels: gradientLevels ?? null,
      earlyStoppingRounds: earlyStoppingRounds ?? null,
      monotone: monotone ?? {},
      anchors: [...new Set(targets.map(({ anchor }) => anchor))],
      horizons: horizonsOf(targets).toSorted((a, b) => a - b),
      calibrationFolds: fitted.calibrationFolds,
    },
    plan,
    seed,
    law: lawRecord(fitted),
    serving: fitted.folds.map(({ fold, serving }) => ({ fold: fold.index, ...serving })),
    heads: targets.map((target) => headRecord(target, fitted)),
    baseline: trainingBaseline(fitted),
    ahead: recordAhead(fitted),
    columnsBeyondLaw: fitted.columnsBeyondLaw,
    tested: testHeads(fitted),
    headUncertainty: Object.fromEntries(servedFit(fitted)?.uncertainties ?? []),
    ...(fitted.mix === undefined ? {} : { mix: fitted.mix }),
    ...(fitted.final === undefined ? {} : { final: finalRecord(fitted.final, fitted.folds) }),
    quality: { ...qualityOf(fitted.folds), knownTooLate },
  }
}

/** The record of a fitted set's law; its file is named when it is written. */
function lawRecord({ folds }: FittedSet): LawRecord {
  return {
    file: null,
    sha256: null,
    bars: folds.some(({ law }) => law.status === 'fitted' && law.law.path.volatility.profile !== null),
    folds: folds.map(({ fold, law }) => {
      const fit = law.status === 'fitted' ? law.fit : null
      return {
        fold: fold.index,
        status: law.status,
        reason: law.status === 'skipped' ? law.reason : null,
        trainRows: fit?.rows.train ?? 0,
        validationRows: fit?.rows.validation ?? 0,
        effectiveRows: fit?.effectiveRows ?? 0,
        correctionTrees: fit?.correctionTrees ?? 0,
        tiltTrees: fit?.tiltTrees ?? 0,
        calibration: law.status === 'fitted' ? law.calibration : null,
        approach: law.status === 'fitted' ? law.approach : null,
      }
    }),
  }
}

/** How the features of all heads are distributed over the rows that the served models were trained on. */
function trainingBaseline(fitted: FittedSet): FeatureBaseline[] {
  const { signals } = fitted
  const last = servedFit(fitted)
  if (last === undefined) return []
  const train = new Set(last.fold.train)
  const rows = Uint8Array.from(stringsOf(signals.table, 'date'), (date) => Number(train.has(date)))
  const features = new Map<string, FeatureBaseline>()
  for (const { encoder, target } of last.models) {
    const unknown = encoder.encodings.filter(({ name }) => !features.has(name))
    if (unknown.length === 0) continue
    const table = tableAtAnchor(encoder.encodings, signals.table, target.anchor)
    for (const feature of featureBaseline(table, unknown, rows)) features.set(feature.name, feature)
  }
  return [...features.values()]
}

function headRecord(target: HeadTarget, fitted: FittedSet): HeadRecord {
  const { folds } = fitted
  const model = servedFit(fitted)?.models.find((served) => served.target.name === target.name)?.model
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
