import type { TrainSettings } from './options.ts'
import type { Objective, TreeModel } from './model.ts'
import { selectedRows } from './rows.ts'

/** One model to train on the shared matrix. Arrays have one entry a matrix row. */
export interface Head {
  /** Unique among the heads of a call. */
  readonly name: string
  readonly objective: Extract<Objective, 'logistic' | 'squared'>
  /** 0 or 1 for logistic, any finite number for squared. Rows outside the masks may hold anything (NaN too). */
  readonly labels: Float32Array
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  /** Rows for early stopping and the validation curve; none of them may be a training row. */
  readonly validation?: Uint8Array
  /** Weights of 0 or more, for training and validation rows alike; a row of weight 0 is left out. Default 1. */
  readonly weights?: Float32Array
  /** The only columns it may split on. Default: all. */
  readonly columns?: readonly string[]
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
  /** The number of trees with the least validation loss; all of them without validation rows. */
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

/** A head ready to train: plain data, sent to threads as it is. */
export interface HeadPlan {
  readonly status: 'ready'
  readonly name: string
  readonly objective: Extract<Objective, 'logistic' | 'squared'>
  readonly labels: Float32Array
  readonly weights: Float32Array | undefined
  readonly rows: Int32Array
  readonly validationRows: Int32Array
  /** Columns it may split on, ascending indices. */
  readonly columns: Int32Array
}

/**
 * Checks every head against the matrix's shape and decides which are trained and which are skipped. Bad input is an
 * error that names the head and the argument; too little data is a skipped head.
 */
export function planHeads(
  shape: { readonly columns: readonly string[]; readonly rows: number },
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

function planHead(
  shape: { readonly columns: readonly string[]; readonly rows: number },
  head: Head,
  settings: TrainSettings,
): HeadPlan | SkippedHead {
  checkArrays(shape.rows, head, settings)
  const { name, objective, labels, weights, train, validation } = head
  const rows = selectedRows(shape.rows, (r) => train[r] !== 0 && weights?.[r] !== 0)
  const validationRows = selectedRows(shape.rows, (r) => Boolean(validation?.[r]) && weights?.[r] !== 0)
  checkValues(head, rows, 'train')
  checkValues(head, validationRows, 'validation')
  checkTotalWeight(head)
  const columns = allowedColumns(shape.columns, head)
  const skipped = skipReason(head, rows, settings.minRows)
  if (skipped) return { status: 'skipped', name, ...skipped, trainRows: rows.length }
  return { status: 'ready', name, objective, labels, weights, rows, validationRows, columns }
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
  const binary = head.objective === 'logistic'
  for (const row of rows) {
    const label = head.labels[row] as number
    if (binary ? label !== 0 && label !== 1 : !Number.isFinite(label)) {
      const rule = binary ? 'must be 0 or 1 for a logistic head' : 'must be a finite number'
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

function skipReason(head: Head, rows: Int32Array, minRows: number): Pick<SkippedHead, 'code' | 'reason'> | undefined {
  if (rows.length === 0) return { code: 'no-rows', reason: 'no training row' }
  if (rows.length < minRows) {
    return { code: 'too-few-rows', reason: `${rows.length} training rows, fewer than the ${minRows} required` }
  }
  const first = head.labels[rows[0] as number]
  if (head.objective === 'logistic' && rows.every((row) => head.labels[row] === first)) {
    return { code: 'one-class', reason: `all ${rows.length} training rows have label ${first}` }
  }
  return undefined
}

function fail(head: Head, argument: string, problem: string, fix: string): never {
  throw new RangeError(`trees: head ${JSON.stringify(head.name)}: ${argument}: ${problem}. ${fix}`)
}
