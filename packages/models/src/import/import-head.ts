import { ANCHORS, encoderFromJson } from '@breakwater/features'
import type { Bundle, BundleDescription, TreeModel } from '@breakwater/trees'
import { linkOf } from '@breakwater/trees'
import { tableAtAnchor } from '../at-anchor.ts'
import { headUncertainties } from '../fit/head-uncertainties.ts'
import type { HeadUncertainty } from '../fit/head-uncertainty.ts'
import { servedColumns } from '../fit/served.ts'
import { spread } from '../rows.ts'
import { type Origin, type SetDescription, toJson } from '../set/describe.ts'
import type { HeadRecord, TrainingDetails } from '../set/details.ts'
import type { FinalRecord } from '../set/final-record.ts'
import { goldenRow } from '../set/golden.ts'
import { locate, type Predictions } from '../set/predictions.ts'
import { type Signals, targetsOf } from '../signals.ts'
import { type ForeignFile, type ForeignModel, foreignModel } from './foreign-model.ts'
import { type ImportedRows, scoreRows } from './score-rows.ts'

/** A set that a head is imported into, with the signals that it was trained on. */
export interface ImportTarget {
  readonly details: TrainingDetails
  readonly bundles: SetDescription['bundles']
  readonly skipped: SetDescription['skipped']
  readonly law: SetDescription['law']
  readonly predictions: Predictions
  readonly signals: Signals
}

/** What to import. */
export interface ImportRequest {
  readonly head: string
  readonly model: ForeignFile
  /** SHA-256 of the model's file, for the record. */
  readonly sha256: string
  /** Sessions that the model was trained on, and those that chose its trees or settings. */
  readonly trainDates: readonly string[]
  readonly validationDates: readonly string[]
}

/** An imported head, and the set with it in place. */
export interface ImportedHead {
  readonly set: SetDescription
  readonly foreign: ForeignModel
  readonly record: HeadRecord
}

/**
 * Makes a model of XGBoost or LightGBM one head of a trained set. The set's own encoder for that head stays (that of another
 * head of the same anchor where training skipped it), and the model's features must be among its columns by name. The head's
 * recorded predictions are replaced by the model's on sessions after all that it saw, and are missing elsewhere: those of
 * the model before it would be scores of another. The same rows tell how sure it is. It is scored by itself, and its record says so; what the set serves changes only in folds
 * that chose their heads, whose surface it is then a part of. Other heads stay as they are. Writes nothing: `writeSet` does.
 */
export function importHead(into: ImportTarget, request: ImportRequest, origin: Origin): ImportedHead {
  const { details, signals, predictions } = into
  const record = recordOf(details, request.head)
  const encoded = encodedOf(into, record)
  const foreign = foreignModel(request.model, encoded.model.columns)
  checkTask(foreign.model, request.model.file, record)
  const target = targetsOf(details, signals).find(({ name }) => name === record.name)
  if (target === undefined) throw new Error(`models: head ${record.name}: the set's signals have no such target.`)
  const encoder = encoderFromJson(encoded.description.encoder)
  const golden = goldenRow(foreign.model, encoder, tableAtAnchor(encoder.encodings, signals.table, record.anchor))
  const description = { ...describe(request, encoded.description, foreign, origin), golden }
  const draft = { model: foreign.model, description }
  const { file } = request.model
  const scored = scoreRows({ predictions, signals, target, bundle: draft, record, file, place: placeOf(details) })
  const rows = locate(signals.table, predictions)
  const sure = headUncertainties({
    table: signals.table,
    targets: [target],
    parts: [{ rows, predictions: new Map([[target.name, spread(scored.values, rows, signals.table.rows)]]) }],
    calibrators: new Map(),
    refitOf: () => null,
  })
  const set = setWith(into, withMetrics(draft, scored), { ...scored, uncertainty: sure.get(target.name) })
  return { set, foreign, record: scored.record }
}

function recordOf(details: TrainingDetails, head: string): HeadRecord {
  const record = details.heads.find(({ name }) => name === head)
  if (record !== undefined) return record
  throw new Error(
    `models: head ${head}: the set ${details.stage} ${details.ablation} has no such head. It has: ` +
      `${details.heads.map(({ name }) => name).join(', ')}.`,
  )
}

/** The bundle whose encoder the head uses: its own, else that of another head asked at the same anchor. */
function encodedOf({ bundles, details }: ImportTarget, { name, anchor }: HeadRecord): Bundle {
  const own = bundles.get(name)
  const found = own ?? [...bundles.values()].find(({ description }) => description.anchor === anchor)
  if (found !== undefined) return found
  throw new Error(
    `models: head ${name}: no head of anchor ${anchor} was trained in ${details.stage} ${details.ablation}, so there is no ` +
      'encoder for it. Train the set first.',
  )
}

function checkTask(model: TreeModel, file: string, { name, task }: HeadRecord): void {
  const probability = linkOf(model.objective) === 'sigmoid'
  if (probability === (task === 'binary')) return
  const needed = task === 'binary' ? 'a probability (binary:logistic, binary)' : 'dollars (such as reg:squarederror)'
  throw new Error(
    `models: ${file}: its objective is ${model.objective}, but ${name} is a ${task} head: must predict ${needed}. Train it so.`,
  )
}

function describe(
  request: ImportRequest,
  like: BundleDescription,
  { format }: ForeignModel,
  origin: Origin,
): BundleDescription {
  return {
    ...like,
    head: request.head,
    dates: { train: request.trainDates, validation: request.validationDates, calibration: [], test: [] },
    metrics: { imported: { format, file: request.model.file, sha256: request.sha256 } },
    timestamp: origin.timestamp,
    // The rows that it was trained on are elsewhere; their hash is not known here.
    dataHash: 'unknown',
    gitSha: origin.gitSha,
    libraryVersion: origin.libraryVersion,
    calibrator: null,
  }
}

/** The file that a head's model was imported from, by its bundle's metrics; null where it was trained here. */
export function importedFrom(metrics: unknown): string | null {
  if (typeof metrics !== 'object' || metrics === null || !('imported' in metrics)) return null
  const { imported } = metrics
  return typeof imported === 'object' && imported !== null && 'file' in imported ? String(imported.file) : null
}

/** The bundle with its figures on the rows it was scored on. */
function withMetrics(
  { model, description }: { model: TreeModel; description: BundleDescription },
  scored: ImportedRows,
): Bundle {
  const folds = scored.record.folds.map(({ fold, metrics }) => ({ fold, ...metrics }))
  const metrics = toJson({ ...(description.metrics as object), folds })
  return { model, description: { ...description, metrics } }
}

/** The set with one head replaced. */
function setWith(
  { details, bundles, skipped, law, predictions }: ImportTarget,
  bundle: Bundle,
  scored: ImportedRows & { readonly uncertainty: HeadUncertainty | undefined },
): SetDescription {
  const { head } = bundle.description
  const { [head]: _before, ...others } = details.headUncertainty ?? {}
  return {
    details: {
      ...details,
      heads: details.heads.map((record) => (record.name === head ? scored.record : record)),
      ...(details.final === undefined ? {} : { final: withoutHead(details.final, head) }),
      headUncertainty: scored.uncertainty === undefined ? others : { ...others, [head]: scored.uncertainty },
    },
    bundles: new Map([...bundles, [head, bundle]]),
    skipped: skipped.filter((entry) => entry.head !== head),
    law,
    predictions: {
      ...predictions,
      heads: new Map([...predictions.heads, [head, scored.values]]),
      // It has no calibrator: its prediction is served as it is.
      calibrated: withHead(predictions.calibrated, head, scored.values),
      served: servedWith(scored.values, bundle.description, { details, law, predictions }),
    },
  }
}

/** The record of a final fit, which an imported head is none of. */
const withoutHead = (final: FinalRecord, head: string): FinalRecord => ({
  ...final,
  heads: final.heads.filter(({ name }) => name !== head),
})

/** What the record of an imported head says of its place in what the set serves. */
const placeOf = ({ serving }: TrainingDetails): string =>
  serving.at(-1)?.kind === 'law'
    ? 'it is scored by itself, and the set serves its law'
    : 'it is scored by itself, and served within the coherent surface of the heads'

/** What is served with an imported head: in folds that chose their heads its part of their surface, in others as before. */
function servedWith(
  values: Float64Array,
  { head, anchor }: Pick<BundleDescription, 'head' | 'anchor'>,
  { details, law, predictions }: Pick<ImportTarget, 'details' | 'law' | 'predictions'>,
): Predictions['served'] {
  const { heads, calibrated, tilted, served, fold } = predictions
  if (law === null) return withHead(served, head, values)
  const own = new Map([...heads, ...calibrated, [head, values]])
  const anchors = ANCHORS.filter((one) => one === anchor)
  const again = servedColumns({ choice: { kind: 'heads' }, spec: law.path.spec, anchors, heads: own, tilted })
  const chosen = new Set(details.serving.filter(({ kind }) => kind === 'heads').map((one) => one.fold))
  return new Map(
    [...served].map(([name, column]) => [
      name,
      column.map((value, row) => (chosen.has(fold[row] as number) ? (again.get(name)?.[row] ?? value) : value)),
    ]),
  )
}

/** The predictions with those of one head replaced; empty where there are none. */
function withHead(
  calibrated: Predictions['calibrated'],
  head: string,
  values: Float64Array,
): Predictions['calibrated'] {
  return calibrated.size === 0 ? calibrated : new Map([...calibrated, [head, values]])
}
