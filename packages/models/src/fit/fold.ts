import type { Anchor, Encoder, EncodeReport, FeatureSpec, HeadTarget } from '@breakwater/features'
import { encodeTable, fitEncoder, parseHeadName } from '@breakwater/features'
import { type Fold, foldRows, type SplitRows } from '@breakwater/splits'
import type { HeadResult, Matrix, TrainOptions, TreeModel } from '@breakwater/trees'
import { firstTrees, predict, treeCount } from '@breakwater/trees'
import { tableAtAnchor } from '../at-anchor.ts'
import { both, constantOf, either, rowsOf, spread, takeRows } from '../rows.ts'
import {
  applyCalibrators,
  calibrateHeads,
  type HeadCalibration,
  type OutOfFoldPredictions,
  sessionRanks,
  whyNoMaps,
} from './calibrators.ts'
import type { FinalChoices } from './choices.ts'
import { fitFoldLaw, type FoldLawFit, specOf } from './fold-law.ts'
import type { HeadTrainer } from './head-trainer.ts'
import { headMetrics } from './head-metrics.ts'
import type { HeadMetrics } from './head-metrics.ts'
import { type Directions, directionsOf } from './monotone.ts'
import { servedColumns } from './served.ts'
import { chooseServing, type ServingChoice, type ServingEvidence } from './serving.ts'
import type { LawSignals } from '../law/at-anchors.ts'

/** Heads that see the same features: those of one anchor. */
export interface FeatureGroup {
  readonly anchor: Anchor
  readonly features: readonly FeatureSpec[]
  readonly targets: readonly HeadTarget[]
}

/** Everything that training one fold reads. */
export interface FoldInput {
  readonly signals: LawSignals
  readonly rows: SplitRows
  readonly fold: Fold
  readonly groups: readonly FeatureGroup[]
  readonly options: TrainOptions & { readonly monotone?: Directions | undefined }
  readonly train: HeadTrainer
  readonly onHead: (done: number, name: string, round: number, rounds: number) => void
  readonly trained?: TrainedBefore | undefined
  /** Whether the set publishes the law of this fold, which then says how sure it is. */
  readonly isPublished: boolean
  /** What folds chose before, in place of validation rows, of which the fold then has none. */
  readonly choices?: FinalChoices | undefined
}

/** Gives what was trained before, as jobs; what it does not give is trained here. */
export interface TrainedBefore {
  readonly heads: (fold: Fold) => Promise<TrainedFold>
  readonly law?: ((fold: Fold) => Promise<FoldLawFit>) | undefined
}

/** How the training of one head in one fold ended. */
export interface HeadOutcome {
  readonly name: string
  readonly status: 'trained' | 'skipped'
  readonly reason: string | null
  readonly trees: number
  readonly trainRows: number
  readonly validationRows: number
  /** The constant forecast that a model must beat; null without training rows. */
  readonly reference: number | null
  readonly metrics: { readonly validation: HeadMetrics; readonly test: HeadMetrics }
}

/** A trained head with what it takes to serve it. */
export interface HeadModel {
  readonly target: HeadTarget
  readonly model: TreeModel
  readonly encoder: Encoder
  readonly features: readonly string[]
}

/**
 * One trained fold. `predictions` has one value a table row, NaN outside the fold's validation, calibration and test
 * rows.
 */
export interface TrainedFold {
  readonly fold: Fold
  readonly outcomes: readonly HeadOutcome[]
  readonly models: readonly HeadModel[]
  readonly predictions: ReadonlyMap<string, Float64Array>
  readonly validation: Uint8Array
  readonly calibration: Uint8Array
  readonly test: Uint8Array
  readonly encoding: readonly EncodeReport[]
}

/**
 * Trains every head on one fold: the encoder and the bins see the fold's training rows alone, early stopping its
 * validation rows, and its calibration and test rows are predicted once, after training. With `choices` each head has as many trees
 * as they say.
 */
export async function trainFold(input: FoldInput): Promise<TrainedFold> {
  const masks = foldRows(input.fold, input.rows)
  const scored = rowsOf(either(masks.validation, either(masks.calibration, masks.test)))
  const outcomes: HeadOutcome[] = []
  const models: HeadModel[] = []
  const encoding: EncodeReport[] = []
  const predictions = new Map<string, Float64Array>()
  for (const group of input.groups) {
    const table = tableAtAnchor(group.features, input.signals.table, group.anchor)
    const encoder = fitEncoder(table, group.features, { rows: masks.train })
    const { matrix, report } = encodeTable(encoder, table)
    encoding.push(report)
    const inputs = takeRows(matrix, scored)
    const results = await trainGroup(input, group, matrix, masks, outcomes.length)
    for (const [i, target] of group.targets.entries()) {
      const result = results[i] as HeadResult
      const values = result.status === 'trained' ? spread(predict(result.model, inputs), scored, matrix.rows) : null
      if (result.status === 'trained') {
        models.push({ target, model: result.model, encoder, features: group.features.map(({ name }) => name) })
        predictions.set(target.name, values as Float64Array)
      }
      outcomes.push(describe(target, result, values, masks))
    }
  }
  const { validation, calibration, test } = masks
  return { fold: input.fold, outcomes, models, predictions, validation, calibration, test, encoding }
}

type Masks = ReturnType<typeof foldRows>

async function trainGroup(
  input: FoldInput,
  group: FeatureGroup,
  matrix: Matrix,
  masks: Masks,
  before: number,
): Promise<HeadResult[]> {
  const { monotone: directions, ...options } = input.options
  const monotone = directionsOf(matrix.columns, directions)
  const chosen = input.choices === undefined ? null : group.targets.map(({ name }) => input.choices?.rounds[name] ?? 0)
  const heads = group.targets.map((target, i) => ({
    name: target.name,
    objective: target.task === 'binary' ? ('logistic' as const) : ('squared' as const),
    labels: target.values,
    train: both(masks.train, target.mask),
    validation: both(masks.validation, target.mask),
    ...(monotone === undefined ? {} : { monotone }),
    ...(chosen === null ? {} : { rounds: Math.max(1, chosen[i] as number) }),
  }))
  const rounds = new Map<number, number>()
  const results = await input.train(matrix, heads, {
    ...options,
    ...(chosen === null ? {} : { rounds: Math.max(1, ...chosen) }),
    binningRows: masks.train,
    onProgress: ({ head, headIndex, round, rounds: most }) => {
      rounds.set(headIndex, round)
      input.onHead(before + headIndex, head, round, most)
    },
  })
  if (chosen === null) return results
  return results.map((result, i) =>
    result.status === 'trained' && chosen[i] === 0 ? { ...result, model: firstTrees(result.model, 0) } : result,
  )
}

function describe(target: HeadTarget, result: HeadResult, values: Float64Array | null, masks: Masks): HeadOutcome {
  const trained = result.status === 'trained'
  const on = (role: Uint8Array): HeadMetrics =>
    values === null ? { rows: 0 } : headMetrics(target.task, values, target.values, both(role, target.mask))
  return {
    name: target.name,
    status: result.status,
    reason: trained ? null : result.reason,
    trees: trained ? treeCount(result.model) : 0,
    trainRows: result.trainRows,
    validationRows: trained ? result.validationRows : 0,
    reference: constantOf(target.task, target.values, both(masks.train, target.mask)),
    metrics: { validation: on(masks.validation), test: on(masks.test) },
  }
}

/** One trained fold with a calibrator for each head and a law beside them. */
export interface CalibratedFold extends TrainedFold {
  readonly law: FoldLawFit
  /** Whether the law or the heads' own trees are served, by what both forecast out of fold. */
  readonly serving: ServingChoice
  /** What is served of every head, coherent row by row. */
  readonly served: ReadonlyMap<string, Float64Array>
  readonly calibrations: ReadonlyMap<string, HeadCalibration>
  /** The heads' own forecasts after their calibrators. */
  readonly calibrated: ReadonlyMap<string, Float64Array>
  /** Forecasts of direction by what is served, out of fold: those of inner folds, and of the fold on its calibration dates. */
  readonly directions: readonly DirectionEvidence[]
}

/** Forecasts of direction of rows that neither their model nor any calibrator saw. */
export interface DirectionEvidence {
  /** The fold whose models made them. */
  readonly fold: Fold
  /** Rows of the signals. */
  readonly rows: Int32Array
  /** By head, one value for each of `rows`. */
  readonly values: ReadonlyMap<string, Float64Array>
}

/**
 * Trains a fold and calibrates it. The calibrators see predictions of rows that their model saw neither in training nor
 * in stopping: those of the test blocks of `inner` folds, each by a model of its own trained inside it, and those of the
 * fold's calibration dates by the served model. A map is kept where it helps the served model on its validation dates too. The
 * fold's test rows are never among them. `onUnit` is called with which training begins: 0 to inner.length - 1 for the inner folds, then
 * the fold itself. The law is fitted beside the heads, on the same training and validation rows.
 */
export async function trainCalibratedFold(
  input: FoldInput,
  inner: readonly Fold[],
  onUnit: (unit: number) => void,
): Promise<CalibratedFold> {
  const heads = input.trained?.heads ?? ((fold: Fold) => trainFold({ ...input, fold }))
  const lawOf =
    input.trained?.law ??
    ((fold: Fold) => trainLaw({ ...input, fold, isPublished: fold === input.fold && input.isPublished }))
  const parts: (OutOfFoldPredictions & ServingEvidence & { readonly fold: Fold })[] = []
  for (const [unit, fold] of inner.entries()) {
    onUnit(unit)
    const { predictions, test } = await heads(fold)
    const own = await lawOf(fold)
    parts.push({ fold, predictions, heads: predictions, tilted: own.predictions.tilted, rows: rowsOf(test) })
  }
  onUnit(inner.length)
  const trained = await heads(input.fold)
  const law = await lawOf(input.fold)
  const { predictions } = trained
  const held = rowsOf(trained.calibration)
  if (held.length > 0)
    parts.push({ fold: input.fold, predictions, heads: predictions, tilted: law.predictions.tilted, rows: held })
  const targets = input.groups.flatMap((group) => group.targets)
  const { table } = input.signals
  const confirm = { predictions, rows: rowsOf(trained.validation) }
  const noMaps = whyNoMaps(inner.length, held.length > 0)
  const calibrations = calibrateHeads({ table, targets, parts, confirm, noMaps })
  const calibrators = new Map([...calibrations].map(([name, { calibrator }]) => [name, calibrator]))
  // Without calibrators too: putting the reach heads in order moves them.
  const calibrated = applyCalibrators(predictions, calibrators)
  const serving = servingOf(law, () => chooseServing(sessionRanks(table), targets, parts))
  const served = servedColumns({
    choice: serving,
    spec: specOf(input.signals, targets),
    anchors: input.groups.map(({ anchor }) => anchor),
    heads: new Map([...predictions, ...calibrated]),
    tilted: law.predictions.tilted,
  })
  const names = targets.map(({ name }) => name).filter((name) => parseHeadName(name)?.question.kind === 'direction')
  const directions = parts.map((part) => directionsAt(part, names, serving))
  return { ...trained, law, serving, served, calibrations, calibrated, directions }
}

function directionsAt(
  { fold, rows, heads, tilted }: ServingEvidence & { readonly fold: Fold },
  names: readonly string[],
  { kind }: ServingChoice,
): DirectionEvidence {
  const columns = kind === 'law' ? tilted : heads
  const values = names.flatMap((name) => {
    const column = columns.get(name)
    return column === undefined ? [] : [[name, Float64Array.from(rows, (row) => column[row] as number)] as const]
  })
  return { fold, rows, values: new Map(values) }
}

function servingOf(law: FoldLawFit, choose: () => ServingChoice): ServingChoice {
  if (law.status === 'fitted') return choose()
  const reason = `no law: ${law.reason}; independent heads are served, made coherent`
  return { kind: 'heads', reason, saved: null, standardError: null, sessions: 0, rows: 0 }
}

/** Fits the law of one fold. */
export function trainLaw({
  signals,
  groups,
  rows,
  fold,
  train: trainer,
  options,
  isPublished,
  choices,
}: Omit<FoldInput, 'onHead'>): Promise<FoldLawFit> {
  const { train, validation, calibration, test } = foldRows(fold, rows)
  const scored = either(validation, either(calibration, test))
  const { seed = 0, signal } = options
  return fitFoldLaw(
    { signals, groups, train, validation, calibration, scored, choices: choices?.law },
    { train: trainer, seed, uncertainty: isPublished, ...(signal === undefined ? {} : { signal }) },
  )
}
