import { readFile } from 'node:fs/promises'
import { encoderFromJson } from '@breakwater/features'
import type { Bundle, BundleDescription, Json, TreeModel } from '@breakwater/trees'
import { linkOf } from '@breakwater/trees'
import { bundleFile, sha256, writeBundles } from '@breakwater/trees/node'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { signalsOf, targetsOf } from '../evaluation/set-signals.ts'
import { loadSet } from '../evaluation/sets.ts'
import type { TrainedSet } from '../evaluation/sets.ts'
import { absolute, predictionsPath, shown } from '../paths.ts'
import type { Signals } from '../signals-file.ts'
import type { HeadRecord } from '../training/details.ts'
import { goldenRow } from '../training/golden.ts'
import { writePredictions } from '../training/predictions.ts'
import type { Predictions } from '../training/predictions.ts'
import { readForeignModel } from './foreign-model.ts'
import type { ForeignModel, ForeignRequest } from './foreign-model.ts'
import { scoreRows } from './score-rows.ts'
import type { ImportedRows } from './score-rows.ts'

/** What to import, and into which set. */
export interface ImportRequest {
  readonly from: string
  readonly head: string
  readonly stage: string
  readonly ablation: string
  /** Sessions that the model was trained on, and those that chose its trees or settings. */
  readonly trainDates: readonly string[]
  readonly validationDates: readonly string[]
  readonly iterations: ForeignRequest['iterations']
  readonly modelDir: string
  readonly dataPath: readonly string[] | undefined
  readonly schemaPath: string
}

/** What was imported and written. */
export interface Imported {
  readonly metadata: string
  readonly bundle: string
  readonly foreign: ForeignModel
  readonly record: HeadRecord
}

/**
 * Makes a model of XGBoost or LightGBM one head of a trained set. The set's own encoder for that head stays (that of another
 * head of the same anchor where training skipped it), and the model's features must be among its columns by name. The head's
 * recorded predictions are replaced by the model's on sessions after all that it saw, and are missing elsewhere: those of
 * the model before it would be scores of another. Other heads stay as they are; the metadata is written last.
 */
export async function importHead(context: Context, request: ImportRequest): Promise<Imported> {
  const folder = absolute(context.cwd, request.modelDir)
  const trained = await loadSet(folder, request)
  const record = recordOf(trained, request.head)
  const encoded = encodedOf(trained, record)
  const foreign = await readForeignModel(context, {
    path: request.from,
    columns: encoded.model.columns,
    iterations: request.iterations,
  })
  checkTask(foreign, record)
  const signals = await signalsOf(context, request, trained)
  const target = targetsOf(trained, signals).find(({ name }) => name === record.name)
  if (target === undefined) throw new Error(`trainer: --head ${record.name}: the set's signals have no such target.`)
  const golden = goldenRow(foreign.model, encoderFromJson(encoded.description.encoder), signals.table)
  const description = { ...describe(context, request, encoded.description, foreign), golden }
  const draft = { model: foreign.model, description }
  const scored = scoreRows({ trained, signals, target, bundle: draft, record, file: foreign.file })
  const bundle = withMetrics(draft, scored)
  context.signal.throwIfAborted()
  const metadata = await save(context, folder, { trained, signals, bundle, scored })
  return {
    metadata: shown(context.cwd, metadata),
    bundle: bundleFile(record.name, request.stage, request.ablation),
    foreign,
    record: scored.record,
  }
}

function recordOf({ details }: TrainedSet, head: string): HeadRecord {
  const record = details.heads.find(({ name }) => name === head)
  if (record !== undefined) return record
  throw new Error(
    `trainer: --head ${head}: the set ${details.stage} ${details.ablation} has no such head. It has: ` +
      `${details.heads.map(({ name }) => name).join(', ')}.`,
  )
}

/** The bundle whose encoder the head uses: its own, else that of another head asked at the same anchor. */
function encodedOf({ bundles, details }: TrainedSet, { name, anchor }: HeadRecord): Bundle {
  const own = bundles.bundles.get(name)
  const found = own ?? [...bundles.bundles.values()].find(({ description }) => description.anchor === anchor)
  if (found !== undefined) return found
  throw new Error(
    `trainer: --head ${name}: no head of anchor ${anchor} was trained in ${details.stage} ${details.ablation}, so there is no ` +
      'encoder for it. Train the set first.',
  )
}

function checkTask({ model, file }: ForeignModel, { name, task }: HeadRecord): void {
  const probability = linkOf(model.objective) === 'sigmoid'
  if (probability === (task === 'binary')) return
  const needed = task === 'binary' ? 'a probability (binary:logistic, binary)' : 'dollars (such as reg:squarederror)'
  throw new Error(
    `trainer: ${file}: its objective is ${model.objective}, but ${name} is a ${task} head: must predict ${needed}. Train it so.`,
  )
}

function describe(
  context: Context,
  request: ImportRequest,
  like: BundleDescription,
  { format, file, sha256: hash }: ForeignModel,
): BundleDescription {
  return {
    ...like,
    head: request.head,
    dates: { train: request.trainDates, validation: request.validationDates, calibration: [], test: [] },
    metrics: { imported: { format, file, sha256: hash } },
    timestamp: new Date(context.clock()).toISOString(),
    // The rows that it was trained on are elsewhere; their hash is not known here.
    dataHash: 'unknown',
    gitSha: gitCommit(context.cwd),
    libraryVersion: trainerVersion(),
    calibrator: null,
  }
}

/** The bundle with its figures on the rows it was scored on. */
function withMetrics(
  { model, description }: { model: TreeModel; description: BundleDescription },
  scored: ImportedRows,
): Bundle {
  const folds = scored.record.folds.map(({ fold, metrics }) => ({ fold, ...metrics }))
  const metrics = JSON.parse(JSON.stringify({ ...(description.metrics as object), folds })) as Json
  return { model, description: { ...description, metrics } }
}

interface SaveInput {
  readonly trained: TrainedSet
  readonly signals: Signals
  readonly bundle: Bundle
  readonly scored: ImportedRows
}

async function save(
  context: Context,
  folder: string,
  { trained, signals, bundle, scored }: SaveInput,
): Promise<string> {
  const { details, bundles } = trained
  const { head } = bundle.description
  const path = predictionsPath(folder, details.stage, details.ablation)
  const predictions: Predictions = {
    ...trained.predictions,
    heads: new Map([...trained.predictions.heads, [head, scored.values]]),
    // It has no calibrator: what is served is what it says.
    calibrated: withHead(trained.predictions.calibrated, head, scored.values),
  }
  await writePredictions(path, predictions, { 'breakwater.data_hash': signals.hash })
  const written = {
    ...details,
    predictions: { ...details.predictions, sha256: sha256(await readFile(path)) },
    heads: details.heads.map((record) => (record.name === head ? scored.record : record)),
  }
  return writeBundles(folder, {
    stage: details.stage,
    ablation: details.ablation,
    timestamp: new Date(context.clock()).toISOString(),
    bundles: [...new Map([...bundles.bundles, [head, bundle]]).values()],
    skipped: bundles.skipped.filter((entry) => entry.head !== head),
    details: JSON.parse(JSON.stringify(written)) as Json,
  })
}

/** The served predictions with those of one head replaced; empty where none were calibrated. */
function withHead(
  calibrated: Predictions['calibrated'],
  head: string,
  values: Float64Array,
): Predictions['calibrated'] {
  return calibrated.size === 0 ? calibrated : new Map([...calibrated, [head, values]])
}
