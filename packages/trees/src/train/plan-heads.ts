import { selectedRows } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import type { TreeModel } from '../model/model.ts'
import { predictRaw } from '../scoring/predict.ts'
import type { Head, HeadPlan, SkippedHead } from './heads.ts'
import { labelRule } from './objectives.ts'
import type { TrainSettings } from './options.ts'

/**
 * Checks every head against the matrix's shape and decides which are trained and which are skipped. Bad input is an
 * error that names the head and the argument; too little data is a skipped head.
 */
export function planHeads(
  shape: Shape,
  heads: readonly Head[],
  settings: TrainSettings,
): readonly (HeadPlan | SkippedHead)[] {
  if (heads.length === 0) throw new RangeError('trees: heads=[]: must have at least one head')
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
    rounds: roundsOf(head, settings),
    initial: head.initial,
    initialScores: head.initial && initialScores(shape, head, head.initial),
  }
}

function roundsOf(head: Head, settings: TrainSettings): number {
  const { rounds = settings.rounds } = head
  if (Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= settings.rounds) return rounds
  const rule = `must be a whole number from 1 to the options' ${settings.rounds}`
  return fail(head, `rounds=${rounds}`, rule, 'Raise the rounds of the options, or leave it out')
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
    fail(named, 'custom', 'goes with objective custom, and only with it', 'Pass both or neither')
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
    if (length !== rows)
      fail(head, `${key}.length`, `${length} entries for ${rows} matrix rows`, 'Use one entry per row')
  }
  if (settings.earlyStoppingRounds !== undefined && !head.validation) {
    fail(head, 'validation', 'missing although earlyStoppingRounds is set', 'Pass the rows that early stopping watches')
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

/** Why a head cannot be trained on these rows; undefined where it can. */
function skipReason(head: Head, rows: Int32Array, minRows: number): Pick<SkippedHead, 'code' | 'reason'> | undefined {
  if (rows.length === 0) return { code: 'no-rows', reason: 'no training row' }
  if (rows.length < minRows) {
    return { code: 'too-few-rows', reason: `${rows.length} training rows, fewer than the ${minRows} required` }
  }
  const first = head.labels[rows[0] as number]
  if (head.objective === 'logistic' && rows.every((row) => head.labels[row] === first)) {
    return { code: 'one-class', reason: `all ${rows.length} training rows have label ${first}` }
  }
  if (head.objective === 'poisson' && rows.every((row) => head.labels[row] === 0)) {
    return { code: 'one-class', reason: `all ${rows.length} training rows have label 0` }
  }
  return undefined
}

/** AUC needs both classes; a head that stops by it cannot do without. */
function withoutAuc(
  head: Head,
  validationRows: Int32Array,
  { stopMetric }: TrainSettings,
): Pick<SkippedHead, 'code' | 'reason'> | undefined {
  if (stopMetric !== 'auc' || validationRows.length === 0) return undefined
  for (const row of validationRows) {
    const label = head.labels[row] as number
    if (label !== 0 && label !== 1) {
      fail(head, `labels[${row}]`, `${label} must be 0 or 1 where stopMetric is auc`, "Use stopMetric 'loss'")
    }
  }
  const first = head.labels[validationRows[0] as number]
  if (validationRows.some((row) => head.labels[row] !== first)) return undefined
  const reason = `all ${validationRows.length} validation rows have label ${first}: no AUC to stop by`
  return { code: 'one-class', reason }
}

/** Throws what is wrong with a head: the argument, the problem and the fix. */
function fail(head: Pick<Head, 'name'>, argument: string, problem: string, fix: string): never {
  throw new RangeError(`trees: head ${JSON.stringify(head.name)}: ${argument}: ${problem}. ${fix}`)
}
