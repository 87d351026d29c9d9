import { join } from 'node:path'
import { EVALUATION_FORMAT, EVALUATION_VERSION } from '@breakwater/evaluation'
import type { Evaluation, EvaluationSet, ServedEvaluation, SetCalibration } from '@breakwater/evaluation'
import {
  compareSet,
  evaluateServed,
  evaluateSet,
  type HeadEvaluator,
  type PublishedTexts,
  publishPage,
  servedColumns,
  type SetInput,
  withHeadEvaluator,
} from '@breakwater/evaluation/sets'
import { readBars } from '@breakwater/features/parquet'
import { renderReport } from '@breakwater/report'
import { withFolderLock } from '@breakwater/formats/node'
import {
  divideDates,
  fittedDates,
  forecastTable,
  type MixTuning,
  type NeighbourOptions,
  type SetName,
  type Signals,
  targetsOf,
} from '@breakwater/models'
import {
  askNeighbours,
  findSets,
  loadSet,
  type NeighbourAnswers,
  type NeighbourQuestion,
  type PredictedPart,
  type TrainedSet,
} from '@breakwater/models/node'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { noteReplaced } from '../versions/replaced.ts'
import { barsOf, loadSignals, signalsOf, sourceOf } from '../signals-file.ts'

/** How neighbours are looked up, and numbers of the hand-set mix and gate to score beside the others. */
export interface CalibrateOptions extends NeighbourOptions {
  readonly tuning?: MixTuning | undefined
}

/** What to evaluate. */
export interface EvaluateRequest {
  /** Only these; undefined takes whatever was trained. */
  readonly stages?: readonly string[] | undefined
  readonly ablations?: readonly string[] | undefined
  readonly testDates?: readonly string[] | undefined
  readonly dataPath: readonly string[] | undefined
  readonly modelDir: string
  readonly outputDir: string
  readonly schemaPath: string | undefined
  readonly seed: number
  /** Threads that score heads; undefined for one a processor. */
  readonly threads: number | undefined
  /** Whether to score all forecasts side by side, which needs test dates, and how neighbours are looked up. */
  readonly calibrate?: CalibrateOptions | undefined
  readonly notes?: readonly string[]
  /** Published payloads to compare with what bars say happened. */
  readonly served?: { readonly path: string; readonly bars: readonly string[]; readonly timezone?: string | undefined }
}

/** An evaluation and where it was written. */
export interface EvaluationResult {
  readonly json: string
  readonly html: string
  readonly evaluation: Evaluation
  /** What was written, whatever another process writes there since. */
  readonly texts: PublishedTexts
}

/**
 * Scores every trained set on dates its models never saw, and writes evaluation.json and evaluation.html, or
 * calibration.json and calibration.html where calibration was asked for. Throws `LockError` where another process writes into
 * the folder of reports.
 */
export async function evaluateModels(
  context: Context,
  progress: Progress,
  request: EvaluateRequest,
): Promise<EvaluationResult> {
  const folder = absolute(context.cwd, request.modelDir)
  const names = findSets(folder, request)
  const command = `breakwater ${request.calibrate === undefined ? 'evaluate' : 'calibrate'}`
  const { threads } = request
  return withFolderLock(absolute(context.cwd, request.outputDir), { command }, () =>
    withHeadEvaluator({ threads, signal: context.signal }, (evaluate) =>
      evaluateSets(context, progress, { ...request, evaluate }, names),
    ),
  )
}

async function evaluateSets(
  context: Context,
  progress: Progress,
  request: EvaluateRequest & { readonly evaluate: HeadEvaluator },
  names: readonly SetName[],
): Promise<EvaluationResult> {
  const folder = absolute(context.cwd, request.modelDir)
  const reports = absolute(context.cwd, request.outputDir)
  await noteReplaced(context, progress, { folder: reports, pointer: `${nameOf(request)}.json` })
  const sets: EvaluationSet[] = []
  let first: { trained: TrainedSet; signals: Signals } | undefined
  for (const name of names) {
    const step = progress.step(`evaluate ${name.stage} ${name.ablation}`, 1)
    const trained = await loadSet(folder, name)
    if (request.calibrate !== undefined) checkTested(trained, request.testDates)
    const signals = await signalsOf(context, request, trained)
    const input = { trained, parts: await partsOf(context, request, trained, signals), seed: request.seed }
    const set = await evaluateSet(input, request.evaluate)
    step.end()
    const calibration =
      request.calibrate === undefined
        ? null
        : await calibrationOf(context, progress, { ...request.calibrate, threads: request.threads }, input)
    sets.push({ ...set, calibration })
    context.signal.throwIfAborted()
    first ??= { trained, signals }
  }
  if (first === undefined) throw new Error('trainer: no trained set was found')
  const served = await servedOf(context, progress, request, first)
  return save(context, request, { ...assemble(context, request, first.trained, first.signals, sets), served })
}

/** What was published, by the settings of the first set; null where it is not asked for. */
async function servedOf(
  { cwd, signal }: Context,
  progress: Progress,
  { served, seed }: EvaluateRequest,
  { trained, signals }: { readonly trained: TrainedSet; readonly signals: Signals },
): Promise<ServedEvaluation | null> {
  if (served === undefined) return null
  const step = progress.step('what was published', 1)
  const { bars } = await readBars(
    served.bars.map((path) => absolute(cwd, path)),
    { accept: 'all', ...(served.timezone === undefined ? {} : { timezone: served.timezone }) },
  )
  const evaluated = await evaluateServed({
    path: absolute(cwd, served.path),
    source: served.path,
    bars,
    thresholds: signals.thresholds,
    touchBand: signals.settings?.touchBand,
    maxGapMinutes: signals.settings?.maxGapMinutes,
    windowSeconds: signals.lookforwardSeconds,
    horizons: trained.details.options.horizons,
    fittedDates: fittedDates(trained),
    seed,
    signal,
  })
  step.end(`${evaluated.targets} targets`)
  return evaluated
}

async function calibrationOf(
  context: Context,
  progress: Progress,
  { tuning, threads, ...options }: CalibrateOptions & Pick<EvaluateRequest, 'threads'>,
  { trained, parts, seed }: SetInput,
): Promise<SetCalibration> {
  const { stage, ablation } = trained.details
  const answers = await neighboursOf(context, progress, { trained, parts, options, threads })
  const step = progress.step(`calibration of ${stage} ${ablation}`, 1)
  const { mix } = trained.details
  const columns = servedColumns(answers, options.k, mix === undefined ? {} : { mix: mix.kind, fits: mix.fits }, tuning)
  const calibration = compareSet({ trained, parts, columns, seed, onHead: (done, name) => step.update(done, name) })
  step.end()
  return calibration
}

/** Asks the neighbours of every row of the parts, with progress. */
export async function neighboursOf(
  { signal }: Context,
  progress: Progress,
  question: Pick<NeighbourQuestion, 'parts' | 'options' | 'threads'> & { readonly trained: TrainedSet },
): Promise<NeighbourAnswers> {
  const { stage, ablation } = question.trained.details
  const step = progress.step(`neighbours of ${stage} ${ablation}`, 1)
  let questions = 0
  const onProgress = (done: number, total: number): void => {
    questions = total
    step.update(total === 0 ? 1 : done / total)
  }
  const answers = await askNeighbours({ ...question, signal, onProgress })
  step.end(`${questions} questions`)
  return answers
}

/** Throws where nothing can be scored that the models and their calibrators did not see. */
function checkTested({ details }: TrainedSet, testDates: readonly string[] | undefined): void {
  if (testDates !== undefined || details.predictions.role === 'test') return
  const latest = details.plan.folds
    .flatMap(({ train, validation }) => [...train, ...validation])
    .toSorted()
    .at(-1)
  throw new Error(
    `trainer: ${details.stage} ${details.ablation}: has no test dates: its validation dates chose the trees and the ` +
      `calibrators. Give --test-dates after ${latest ?? 'its dates'}, or train with test dates.`,
  )
}

/** A set that has just been trained, with its signals. */
export interface TrainedRequest {
  readonly trained: TrainedSet
  readonly signals: Signals
  readonly seed: number
  readonly threads: number | undefined
}

/** What `evaluate` says of a set alone, on its recorded predictions, and the page that shows it. Cost: that of `evaluateSet`. */
export async function evaluateTrained(
  context: Context,
  { trained, signals, seed, threads }: TrainedRequest,
): Promise<{ readonly evaluation: Evaluation; readonly page: string }> {
  const { details, predictions } = trained
  const part = { signals, predictions, targets: targetsOf(details, signals), keep: () => true }
  const set = await withHeadEvaluator({ threads, signal: context.signal }, (evaluate) =>
    evaluateSet({ trained, parts: [part], seed }, evaluate),
  )
  const evaluation = { ...assemble(context, {}, trained, signals, [set]), served: null }
  return { evaluation, page: await renderReport(evaluation) }
}

/** The recorded predictions, and those of the bundles for asked dates beyond the plan. */
export async function partsOf(
  context: Context,
  request: Pick<EvaluateRequest, 'testDates' | 'schemaPath' | 'dataPath'>,
  trained: TrainedSet,
  signals: Signals,
): Promise<PredictedPart[]> {
  const recorded = { signals, predictions: trained.predictions, targets: targetsOf(trained.details, signals) }
  if (request.testDates === undefined) return [{ ...recorded, keep: () => true }]
  const dates = divideDates(trained, request.testDates)
  const kept = new Set(dates.recorded)
  const parts: PredictedPart[] = [{ ...recorded, keep: (date) => kept.has(date) }]
  if (dates.beyond.length === 0) return parts
  const later = await loadSignals(context, { ...sourceOf(request, trained), dates: dates.beyond })
  const absent = dates.beyond.filter((date) => !later.dates.includes(date))
  if (absent.length > 0) {
    throw new Error(
      `trainer: --test-dates ${absent.join(' ')}: no matching dates in the signals. Ask for dates they hold.`,
    )
  }
  const source = { bars: await barsOf(context, later), state: later.state }
  const predictions = forecastTable(trained, later.table, source)
  return [...parts, { signals: later, predictions, targets: targetsOf(trained.details, later), keep: () => true }]
}

function assemble(
  context: Context,
  request: Pick<EvaluateRequest, 'notes'>,
  { details }: TrainedSet,
  signals: Signals,
  sets: readonly EvaluationSet[],
): Omit<Evaluation, 'served'> {
  return {
    format: EVALUATION_FORMAT,
    version: EVALUATION_VERSION,
    data: {
      symbol: signals.symbol,
      rows: signals.table.rows,
      sessions: signals.dates.length,
      firstDate: signals.dates[0] ?? '',
      lastDate: signals.dates.at(-1) ?? '',
      thresholds: signals.thresholds,
    },
    sets,
    provenance: {
      dataHash: signals.hash,
      gitSha: gitCommit(context.cwd),
      libraryVersion: trainerVersion(),
      timestamp: new Date(context.clock()).toISOString(),
      seed: details.seed,
      schemaVersion: details.data.schemaVersion,
      sources: signals.files,
    },
    notes: request.notes ?? [],
  }
}

/** What the files are called, without an ending. */
const nameOf = ({ calibrate }: EvaluateRequest): string => (calibrate === undefined ? 'evaluation' : 'calibration')

async function save({ cwd }: Context, request: EvaluateRequest, evaluation: Evaluation): Promise<EvaluationResult> {
  const folder = absolute(cwd, request.outputDir)
  const name = nameOf(request)
  const json = join(folder, `${name}.json`)
  const html = join(folder, `${name}.html`)
  // Drawn first: figures are not replaced where their page cannot be.
  const page = await renderReport(evaluation)
  const texts = await publishPage(folder, { name, evaluation, page })
  return { json: shown(cwd, json), html: shown(cwd, html), evaluation, texts }
}
