import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { checkMatrix, selectedRows, stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import type { TreeModel } from '../model/model.ts'
import { checkColumns, predict } from '../scoring/predict.ts'
import { randomOf } from '../train/sampling.ts'
import { metricOf } from './permutation-metric.ts'
import type { PermutationMetric, PermutationMetricName } from './permutation-metric.ts'

/** Settings of {@link permutationImportance}. */
export interface PermutationOptions {
  /** What to measure: a name, or one's own. */
  readonly metric: PermutationMetricName | PermutationMetric
  /** 1 for the rows to measure on, 0 for others. Default: all rows. Rows that the model was not trained on show what it learned. */
  readonly mask?: Uint8Array
  /** One weight per row, finite and at least 0, not 0 on all rows of the mask. Default: all rows count the same. */
  readonly weights?: Float32Array
  /** Shuffles of each group, at least 1. Default 5. */
  readonly repeats?: number
  /** Seed of the shuffles, an integer. Default 0. */
  readonly seed?: number
  /**
   * Columns to shuffle together, by the name of their group: a row keeps its values of a group side by side. A column
   * belongs to at most one group; columns in none are groups of their own under their own name. Default: no groups.
   */
  readonly groups?: Readonly<Record<string, readonly string[]>>
}

/** What shuffling one group of columns costs. */
export interface GroupImportance {
  /** The group's name: the column's name where it stands alone. */
  readonly name: string
  readonly columns: readonly string[]
  /** Mean over the repeats of how much worse the metric gets, in the metric's units; below 0 where it got better. */
  readonly mean: number
  /** Sample standard deviation over the repeats (divisor repeats - 1); 0 for one repeat. */
  readonly spread: number
  /** How much worse the metric got in each repeat. */
  readonly drops: Float64Array
}

/** Result of {@link permutationImportance}. */
export interface PermutationImportance {
  /** The metric with every column in place. */
  readonly baseline: number
  /** Every group, unused ones too (zeros), by descending mean; equals in the order of the columns. */
  readonly groups: readonly GroupImportance[]
}

/** Rows with their answers, in one piece. */
interface MeasuredRows {
  readonly matrix: Matrix
  readonly labels: Float32Array
  readonly weights?: Float32Array
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019): how much worse the model's predictions get when
 * a column's values are shuffled between rows, by any metric and on any rows, also where gain and cover mislead.
 *
 * Beware of correlated columns. Shuffling one of them leaves its copy in place: the model reads the signal from those and
 * each looks unimportant, or it meets rows that cannot occur (a high below the low) and the loss is that of nonsense.
 * Shuffle such columns as one group.
 *
 * A group's shuffles depend on the seed and its name alone, so results repeat whatever the other groups are. Columns that
 * the model does not use get 0 without being tried. Throws RangeError naming the argument where shapes differ, labels or
 * weights of measured rows are not numbers, no row is measured, or the metric is not a number (auc without both classes).
 * Cost: O(used groups x repeats x rows x trees x depth); memory for two copies of the measured rows.
 */
export function permutationImportance(
  model: TreeModel,
  matrix: Matrix,
  labels: Float32Array,
  { metric: wanted, mask, weights, repeats = 5, seed = 0, groups = {} }: PermutationOptions,
): PermutationImportance {
  checkMatrix(matrix)
  checkColumns(model, matrix.columns)
  checkCounts(repeats, seed)
  const named = namedGroups(model.columns, groups)
  const metric = typeof wanted === 'string' ? metricOf(wanted) : wanted
  const measured = measuredRows(matrix, labels, mask, weights)
  const measure = (shuffled: Matrix): number => {
    const value = metric.measure(measured.labels, predict(model, shuffled), measured.weights)
    if (Number.isFinite(value)) return value
    throw new RangeError(
      `trees: metric: gave ${value} on ${shuffled.rows} rows: must be finite. AUC needs both classes among the rows`,
    )
  }
  const baseline = measure(measured.matrix)
  const used = new Set(model.feature)
  const result = named.map(({ name, columns }) => {
    const indices = columns.map((column) => model.columns.indexOf(column)).filter((c) => used.has(c))
    const drops = new Float64Array(repeats)
    const random = randomOf(seed, name)
    for (let i = 0; i < repeats && indices.length > 0; i++) {
      const value = measure(shuffledColumns(measured.matrix, indices, random))
      drops[i] = metric.higherIsBetter ? baseline - value : value - baseline
    }
    return { name, columns, ...meanAndSpread(drops), drops }
  })
  return { baseline, groups: result.toSorted((a, b) => b.mean - a.mean) }
}

function checkCounts(repeats: number, seed: number): void {
  if (!Number.isInteger(repeats) || repeats < 1) {
    throw new RangeError(`trees: repeats=${repeats}: must be an integer of at least 1`)
  }
  if (!Number.isInteger(seed)) throw new RangeError(`trees: seed=${seed}: must be an integer`)
}

/** The given groups and every other column, in the order of their first columns. */
function namedGroups(
  columns: readonly string[],
  groups: Readonly<Record<string, readonly string[]>>,
): { name: string; columns: readonly string[] }[] {
  const groupOf = new Map<string, string>()
  for (const [name, members] of Object.entries(groups)) {
    if (members.length === 0) throw new RangeError(`trees: groups[${JSON.stringify(name)}]=[]: must name a column`)
    for (const column of members) {
      const problem = groupProblem(columns, groupOf.get(column), column)
      if (problem) throw new RangeError(`trees: groups[${JSON.stringify(name)}]: ${JSON.stringify(column)} ${problem}`)
      groupOf.set(column, name)
    }
  }
  const stolen = Object.keys(groups).find((name) => columns.includes(name) && groupOf.get(name) !== name)
  if (stolen !== undefined) {
    throw new RangeError(`trees: groups[${JSON.stringify(stolen)}]: a column outside the group has its name. Rename it`)
  }
  const members = new Map<string, readonly string[]>(columns.map((column) => [groupOf.get(column) ?? column, [column]]))
  for (const [name, own] of Object.entries(groups)) members.set(name, own)
  return [...members].map(([name, own]) => ({ name, columns: own }))
}

function groupProblem(columns: readonly string[], other: string | undefined, column: string): string | undefined {
  if (other !== undefined) return `is in group ${JSON.stringify(other)} too. A column belongs to one group at most`
  return columns.includes(column) ? undefined : 'is not a column of the model. Check the spelling'
}

/** The rows of the mask, column-major, with their labels and weights. */
function measuredRows(matrix: Matrix, labels: Float32Array, mask?: Uint8Array, weights?: Float32Array): MeasuredRows {
  for (const [name, given] of Object.entries({ labels, mask, weights })) {
    if (given && given.length !== matrix.rows) {
      throw new RangeError(`trees: ${name}.length=${given.length}: must be the matrix's ${matrix.rows} rows`)
    }
  }
  const rows = selectedRows(matrix.rows, (r) => !mask || mask[r] === 1)
  if (rows.length === 0) throw new RangeError('trees: mask: selects none of the rows. Importance needs at least one')
  for (const r of rows) {
    if (!Number.isFinite(labels[r])) {
      throw new RangeError(`trees: labels[${r}]=${labels[r]}: must be finite. Leave the row out of the mask`)
    }
  }
  const { row, column } = stridesOf(matrix)
  const values = new Float32Array(matrix.columns.length * rows.length)
  for (let c = 0, to = 0; c < matrix.columns.length; c++) {
    for (const r of rows) values[to++] = matrix.values[r * row + c * column] as number
  }
  return {
    matrix: { columns: matrix.columns, rows: rows.length, values },
    labels: Float32Array.from(rows, (r) => labels[r] as number),
    ...(weights && { weights: measuredWeights(weights, rows) }),
  }
}

function measuredWeights(weights: Float32Array, rows: Int32Array): Float32Array {
  let total = 0
  for (const r of rows) {
    const weight = weights[r] as number
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`trees: weights[${r}]=${weight}: must be a finite number of at least 0`)
    }
    total += weight
  }
  if (total === 0) throw new RangeError('trees: weights: are 0 on every measured row. Give some row a weight')
  return Float32Array.from(rows, (r) => weights[r] as number)
}

/** A copy whose rows have the columns of other rows, by one random permutation (Fisher-Yates) for all of them. */
function shuffledColumns(matrix: Matrix, columns: readonly number[], random: RandomGenerator): Matrix {
  const { rows } = matrix
  const order = Int32Array.from({ length: rows }, (_, r) => r)
  for (let r = rows - 1; r > 0; r--) {
    const other = uniformInt(random, 0, r)
    const taken = order[r] as number
    order[r] = order[other] as number
    order[other] = taken
  }
  const values = Float32Array.from(matrix.values)
  for (const c of columns) {
    for (let r = 0; r < rows; r++) values[c * rows + r] = matrix.values[c * rows + (order[r] as number)] as number
  }
  return { columns: matrix.columns, rows, values }
}

function meanAndSpread(drops: Float64Array): { mean: number; spread: number } {
  const mean = drops.reduce((sum, drop) => sum + drop, 0) / drops.length
  const squares = drops.reduce((sum, drop) => sum + (drop - mean) ** 2, 0)
  return { mean, spread: drops.length > 1 ? Math.sqrt(squares / (drops.length - 1)) : 0 }
}
