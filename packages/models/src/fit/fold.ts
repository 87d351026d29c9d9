import type { Anchor, Encoder, EncodeReport, FeatureSpec, HeadTarget } from '@breakwater/features'
import { encodeTable, fitEncoder } from '@breakwater/features'
import { type Fold, foldRows, type SplitRows } from '@breakwater/splits'
import type { HeadResult, Matrix, TrainOptions, TreeModel } from '@breakwater/trees'
import { firstTrees, predict, treeCount } from '@breakwater/trees'
import { tableAtAnchor } from '../at-anchor.ts'
import { both, constantOf, either, rowsOf, spread, takeMask, takeRows, takeValues } from '../rows.ts'
import type { FinalChoices } from './choices.ts'
import { fitFoldBase, fitFoldLaw, type FoldLawFit } from './fold-law.ts'
import type { FoldServing } from './fold-serving.ts'
import type { HeadTrainer } from './head-trainer.ts'
import { headMetrics } from './head-metrics.ts'
import type { HeadMetrics } from './head-metrics.ts'
import { type Directions, directionsOf } from './monotone.ts'
import type { LawSignals } from '../law/at-anchors.ts'
import type { BaseLaw } from '../law/base.ts'
import type { ColumnGains, NoColumnGains } from '../set/column-gains.ts'

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
  /** Whether the set publishes the law of this fold, which then says how sure it is and tries a shift of P(touch). */
  readonly isPublished: boolean
  /** What folds chose before, in place of validation rows, of which the fold then has none. */
  readonly choices?: FinalChoices | undefined
}

/** Gives what was trained before, as jobs; what it does not give is trained here. */
export interface TrainedBefore {
  readonly heads: (fold: Fold) => Promise<TrainedFold>
  readonly law?: ((fold: Fold) => Promise<FoldLawFit>) | undefined
  readonly serving?: ((fold: Fold, inner: readonly Fold[]) => Promise<FoldServing>) | undefined
  readonly columnsBeyondLaw?: ((fold: Fold) => Promise<ColumnGains | NoColumnGains>) | undefined
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
  // What trains goes over every row of a matrix at each round: it is given none that no head uses.
  const used = rowsOf(either(masks.train, masks.validation))
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
    const results = await trainGroup(
      input,
      group,
      { matrix: takeRows(matrix, used), rows: used, masks },
      outcomes.length,
    )
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
  { matrix, rows, masks }: { readonly matrix: Matrix; readonly rows: Int32Array; readonly masks: Masks },
  before: number,
): Promise<HeadResult[]> {
  const { monotone: directions, ...options } = input.options
  const monotone = directionsOf(matrix.columns, directions)
  const chosen = input.choices === undefined ? null : group.targets.map(({ name }) => input.choices?.rounds[name] ?? 0)
  const heads = group.targets.map((target, i) => ({
    name: target.name,
    objective: target.task === 'binary' ? ('logistic' as const) : ('squared' as const),
    labels: Float32Array.from(takeValues(target.values, rows)),
    train: takeMask(both(masks.train, target.mask), rows),
    validation: takeMask(both(masks.validation, target.mask), rows),
    ...(monotone === undefined ? {} : { monotone }),
    ...(chosen === null ? {} : { rounds: Math.max(1, chosen[i] as number) }),
  }))
  const rounds = new Map<number, number>()
  const results = await input.train(matrix, heads, {
    ...options,
    ...(chosen === null ? {} : { rounds: Math.max(1, ...chosen) }),
    binningRows: takeMask(masks.train, rows),
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

/** What {@link trainBaseLaw} reads. */
export interface BaseLawInput extends Omit<FoldInput, 'onHead' | 'groups' | 'trained' | 'choices'> {
  readonly targets: readonly HeadTarget[]
  /** What folds chose before, null where they have no law; by default validation rows choose. */
  readonly correctionTrees?: number | null | undefined
}

/** Fits what of the law of one fold sees no feature; null where it is skipped. */
export function trainBaseLaw({
  signals,
  targets,
  rows,
  fold,
  train: trainer,
  options,
  isPublished,
  correctionTrees,
}: BaseLawInput): Promise<BaseLaw | null> {
  const { train, validation } = foldRows(fold, rows)
  const { seed = 0, signal } = options
  const choices = correctionTrees == null ? correctionTrees : { correctionTrees }
  return fitFoldBase(
    { signals, targets, train, validation, choices },
    { train: trainer, seed, uncertainty: isPublished, ...(signal === undefined ? {} : { signal }) },
  )
}

/** Fits the law of one fold, beyond what {@link trainBaseLaw} gave where that is at hand. */
export function trainLaw({
  signals,
  groups,
  rows,
  fold,
  train: trainer,
  options,
  isPublished,
  choices,
  base,
}: Omit<FoldInput, 'onHead'> & { readonly base?: BaseLaw | undefined }): Promise<FoldLawFit> {
  const { train, validation, calibration, test } = foldRows(fold, rows)
  const scored = either(validation, either(calibration, test))
  const { seed = 0, signal } = options
  return fitFoldLaw(
    { signals, groups, train, validation, calibration, scored, choices: choices?.law, approach: isPublished },
    { train: trainer, seed, uncertainty: isPublished, base, ...(signal === undefined ? {} : { signal }) },
  )
}
