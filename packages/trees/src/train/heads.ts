import type { Matrix } from '../model/matrix.ts'
import type { TrainSettings } from './options.ts'
import { predictRaw } from '../scoring/predict.ts'
import type { Objective, TreeModel } from '../model/model.ts'
import type { Metric } from './metrics.ts'
import type { CustomObjective } from './objectives.ts'
import { failHead as fail } from './head-error.ts'
import { skipReason, withoutAuc } from './head-skip.ts'
import { selectedRows } from '../model/rows.ts'

/** One model to train on the shared matrix. Arrays have one entry a matrix row. */
export interface Head {
  /** Unique among the heads of a call. */
  readonly name: string
  readonly objective: Objective
  /**
   * 0 or 1 for logistic, 0 or more for poisson, else any finite number. Rows outside the masks may hold anything (NaN
   * too).
   */
  readonly labels: Float32Array
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  /**
   * Rows for early stopping and the validation curve; none of them may be a training row. A head whose mask selects none
   * runs all rounds.
   */
  readonly validation?: Uint8Array
  /** Weights of 0 or more, for training and validation rows alike; a row of weight 0 is left out. Default 1. */
  readonly weights?: Float32Array
  /**
   * Factors on the weights of labels 0 and 1 of a logistic head (XGBoost's scale_pos_weight is the second over the first);
   * 'balanced' gives both classes half of the training weight. Probabilities then are those of the weighted data.
   */
  readonly classWeights?: readonly [number, number] | 'balanced'
  /** The quantile that objective 'quantile' predicts, in (0, 1). Default 0.5. */
  readonly quantile?: number
  /** Distance from the label at which objective 'huber' turns from squared to absolute, above 0. Default 1. */
  readonly huberDelta?: number
  /** The loss of objective 'custom'. Such a head is trained on the calling thread. */
  readonly custom?: CustomObjective
  /** The only columns it may split on. Default: all. */
  readonly columns?: readonly string[]
  /**
   * Columns in which the prediction may only rise (1) or only fall (-1). Not for categorical columns. Trees of `initial` are
   * not checked.
   */
  readonly monotone?: Readonly<Record<string, 1 | -1>>
  /** A model to continue: training starts from its scores and appends trees to it. Same columns and objective. */
  readonly initial?: TreeModel
}

/** A head that was trained. */
export interface TrainedHead {
  readonly status: 'trained'
  readonly name: string
  readonly model: TreeModel
  /** Mean weighted loss after r trees at index r, from 0 (base score alone) to the last round run. */
  readonly trainLoss: Float64Array
  /** The same over the validation rows; undefined without any. */
  readonly validationLoss: Float64Array | undefined
  /** Curves of the metrics asked for (and the loss) over the validation rows; empty without any. */
  readonly metrics: Readonly<Partial<Record<Metric, Float64Array>>>
  /** The number of trees with the best stopMetric; all of them without validation rows. Those of `initial` not counted. */
  readonly bestRound: number
  /** Why it ended: all rounds were run, early stopping, or no split was left to make. */
  readonly stopped: 'rounds' | 'early' | 'no-split'
  readonly trainRows: number
  readonly validationRows: number
}

/** A head that cannot be trained on these rows; the others are not affected. */
export interface SkippedHead {
  readonly status: 'skipped'
  readonly name: string
  readonly code: 'no-rows' | 'too-few-rows' | 'one-class'
  /** A sentence for a person. */
  readonly reason: string
  readonly trainRows: number
}

/** What became of a head. */
export type HeadResult = TrainedHead | SkippedHead

/** A head ready to train: plain data, sent to threads as it is (but for a custom loss). */
export interface HeadPlan {
  readonly status: 'ready'
  readonly name: string
  readonly objective: Objective
  readonly labels: Float32Array
  /** Class weights included. */
  readonly weights: Float32Array | undefined
  readonly rows: Int32Array
  readonly validationRows: Int32Array
  /** Columns it may split on, ascending indices. */
  readonly columns: Int32Array
  /** One entry a column; undefined where none is constrained. */
  readonly monotone: Int8Array | undefined
  readonly quantile: number
  readonly huberDelta: number
  readonly custom: CustomObjective | undefined
  readonly initial: TreeModel | undefined
  /** Raw scores of `initial`, by matrix row. */
  readonly initialScores: Float64Array | undefined
}

/**
 * Checks every head against the matrix's shape and decides which are trained and which are skipped. Bad input is an
 * error that names the head and the argument; too little data is a skipped head.
 */
export function planHeads(
  shape: Shape,
  heads: readonly Head[],
  settings: TrainSettings,
): readonly (HeadPlan | SkippedHead)[] {
  if (heads.length === 0) throw new RangeError('trees: heads=[]: must hold at least one head')
  const names = new Set<string>()
  return heads.map((head) => {
    if (names.has(head.name)) fail(head, 'name', 'occurs twice', 'Give every head its own name')
    names.add(head.name)
    return planHead(shape, head, settings)
  })
}

function planHead(shape: Shape, head: Head, settings: TrainSettings): HeadPlan | SkippedHead {
  checkArrays(shape.rows, head, settings)
  checkObjective(head)
  const { name, objective, labels, train, validation, quantile = 0.5, huberDelta = 1 } = head
  const rows = selectedRows(shape.rows, (r) => train[r] !== 0 && head.weights?.[r] !== 0)
  const validationRows = selectedRows(shape.rows, (r) => Boolean(validation?.[r]) && head.weights?.[r] !== 0)
  checkValues(head, rows, 'train')
  checkValues(head, validationRows, 'validation')
  checkTotalWeight(head)
  const columns = allowedColumns(shape.columns, head)
  const monotone = monotoneOf(shape, head, settings)
  const skipped = skipReason(head, rows, settings.minRows) ?? withoutAuc(head, validationRows, settings)
  if (skipped) return { status: 'skipped', name, ...skipped, trainRows: rows.length }
  return {
    status: 'ready',
    name,
    objective,
    labels,
    rows,
    validationRows,
    columns,
    monotone,
    quantile,
    huberDelta,
    weights: classWeighted(head, rows),
    custom: head.custom,
    initial: head.initial,
    initialScores: head.initial && initialScores(shape, head, head.initial),
  }
}

/** What is known of the matrix before it is binned. */
export interface Shape {
  readonly columns: readonly string[]
  readonly rows: number
  /** The matrix itself; undefined where only its bins were given. */
  readonly matrix: Matrix | undefined
}

function initialScores({ columns, matrix }: Shape, head: Head, initial: TreeModel): Float64Array {
  if (matrix === undefined)
    fail(head, 'initial', 'needs the matrix, and only bins were given', 'Pass the matrix itself')
  if (initial.objective !== head.objective) {
    fail(
      head,
      'initial',
      `has objective ${initial.objective}, not ${head.objective}`,
      'Use the objective it was trained with',
    )
  }
  const differs = columns.findIndex((column, c) => initial.columns[c] !== column)
  if (differs >= 0 || initial.columns.length !== columns.length) {
    fail(
      head,
      'initial',
      'was trained on other columns',
      'Build the matrix with the columns of the model, in its order',
    )
  }
  return predictRaw(initial, matrix)
}

function checkObjective({ objective, quantile = 0.5, huberDelta = 1, custom, classWeights, ...head }: Head): void {
  const named = { ...head, objective }
  if (!(quantile > 0 && quantile < 1))
    fail(named, `quantile=${quantile}`, 'must be above 0 and below 1', 'Use 0.5 for the median')
  if (!(huberDelta > 0 && huberDelta < Infinity)) {
    fail(
      named,
      `huberDelta=${huberDelta}`,
      'must be a number above 0',
      'Use about the size of errors that are not outliers',
    )
  }
  if ((objective === 'custom') !== (custom !== undefined)) {
    fail(named, 'custom', 'goes with objective custom, and only with it', 'Give both or neither')
  }
  if (classWeights === undefined) return
  if (objective !== 'logistic') fail(named, 'classWeights', `cannot go with objective ${objective}`, 'Use weights')
  if (classWeights !== 'balanced' && !classWeights.every((w) => w > 0 && w < Infinity)) {
    fail(named, `classWeights=${JSON.stringify(classWeights)}`, 'must be two numbers above 0', "Or use 'balanced'")
  }
}

/** The weights times the factor of the row's class. */
function classWeighted({ classWeights, labels, weights }: Head, rows: Int32Array): Float32Array | undefined {
  if (classWeights === undefined) return weights
  const totals: [number, number] = [0, 0]
  for (const row of rows) totals[labels[row] === 1 ? 1 : 0] += weights?.[row] ?? 1
  const half = (totals[0] + totals[1]) / 2
  const [zero, one] = classWeights === 'balanced' ? [half / totals[0], half / totals[1]] : classWeights
  return labels.map((label, row) => (weights?.[row] ?? 1) * (label === 1 ? one : zero))
}

function monotoneOf({ columns }: Shape, head: Head, settings: TrainSettings): Int8Array | undefined {
  if (head.monotone === undefined) return undefined
  const directions = new Int8Array(columns.length)
  for (const [column, direction] of Object.entries(head.monotone)) {
    const index = columns.indexOf(column)
    if (index < 0) fail(head, 'monotone', `${JSON.stringify(column)} is not a matrix column`, 'Check its spelling')
    if (direction !== 1 && direction !== -1) {
      fail(head, `monotone.${column}`, `${String(direction)} is not a direction`, 'Use 1 for rising, -1 for falling')
    }
    if (settings.categorical.includes(column)) {
      fail(head, 'monotone', `${JSON.stringify(column)} is categorical: categories have no order`, 'Leave it out')
    }
    directions[index] = direction
  }
  return directions
}

function checkArrays(rows: number, head: Head, settings: TrainSettings): void {
  for (const key of ['labels', 'train', 'validation', 'weights'] as const) {
    const length = head[key]?.length ?? rows
    if (length !== rows) fail(head, `${key}.length`, `${length} entries for ${rows} matrix rows`, 'Use one entry a row')
  }
  if (settings.earlyStoppingRounds !== undefined && !head.validation) {
    fail(head, 'validation', 'missing although earlyStoppingRounds is set', 'Give the rows that early stopping watches')
  }
  const both = head.train.findIndex((inTrain, r) => inTrain !== 0 && Boolean(head.validation?.[r]))
  if (both >= 0) fail(head, 'validation', `row ${both} is a training row too`, 'Make the two masks disjoint')
}

function checkValues(head: Head, rows: Int32Array, mask: 'train' | 'validation'): void {
  const [allowed, rule] = labelRule(head.objective)
  for (const row of rows) {
    const label = head.labels[row] as number
    if (!allowed(label)) {
      fail(head, `labels[${row}]`, `${label} ${rule}`, `Take the row out of the ${mask} mask or correct its label`)
    }
    const weight = head.weights?.[row] ?? 1
    if (!(weight >= 0 && weight < Infinity)) {
      fail(head, `weights[${row}]`, `${weight} must be a number of 0 or more`, 'Use weight 0 to leave a row out')
    }
  }
}

/** Which labels an objective takes, and the rule in words. */
export function labelRule(objective: Objective): readonly [(label: number) => boolean, string] {
  if (objective === 'logistic') return [(y) => y === 0 || y === 1, 'must be 0 or 1 for a logistic head']
  if (objective === 'poisson')
    return [(y) => y >= 0 && y < Infinity, 'must be a number of 0 or more for a poisson head']
  return [(y) => Number.isFinite(y), 'must be a finite number']
}

/** Weights that are all zero on the training mask are a mistake, not a lack of data. */
function checkTotalWeight(head: Head): void {
  const { train, weights } = head
  if (!weights || !train.some(Boolean)) return
  if (!train.some((inTrain, r) => inTrain !== 0 && weights[r] !== 0)) {
    fail(head, 'weights', 'all training rows have weight 0', 'Give at least one row a positive weight')
  }
}

function allowedColumns(columns: readonly string[], head: Head): Int32Array {
  if (head.columns === undefined) return Int32Array.from(columns, (_, c) => c)
  if (head.columns.length === 0) fail(head, 'columns', 'empty', 'Leave it out to allow every column')
  const indices = head.columns.map((column) => {
    const index = columns.indexOf(column)
    if (index < 0) fail(head, 'columns', `${JSON.stringify(column)} is not a matrix column`, 'Check its spelling')
    return index
  })
  return Int32Array.from(new Set(indices)).toSorted()
}
