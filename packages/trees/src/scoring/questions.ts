import type { TreeModel } from '../model/model.ts'
import { FIRST_QUESTION } from './kernel.ts'

/** The questions "x < threshold?" on one column; those that send a missing x the same way are numbered in a row. */
export interface ThresholdRun {
  readonly column: number
  /** Rising, without repeats, no NaN, no -0. */
  readonly thresholds: Float32Array
  /** Number of the first question that sends a missing x right; 0 where there is none. */
  readonly missingRight: number
  /** The same for left. */
  readonly missingLeft: number
}

/** A question "is category x in the set?". */
export interface CategoryQuestion {
  readonly column: number
  readonly missingLeft: number
  /** The set as `TreeModel.categoryBits` holds it: the number of its words, then they. */
  readonly set: Uint32Array
  readonly id: number
}

/** The different questions of some trees, numbered. Number 0 is the one that every row answers with left. */
export interface Questions {
  readonly runs: readonly ThresholdRun[]
  readonly categories: readonly CategoryQuestion[]
  /** Above every number; a multiple of {@link ALIGNMENT}. */
  readonly size: number
  /** For the branches of model `m`, the number of the question that a node asks. */
  readonly numbersOf: (m: number) => (node: number) => number
}

/** Nodes `from` to `to` (exclusive) of model `m`. */
export interface NodeRange {
  readonly m: number
  readonly from: number
  readonly to: number
}

/** A run's answers begin at a multiple of this, so that a kernel may write sixteen at a time. */
const ALIGNMENT = 16

/** Numbers the questions of the given nodes. Cost: O(n log n) in the nodes. */
export function questionsOf(models: readonly TreeModel[], ranges: readonly NodeRange[]): Questions {
  const runs: ThresholdRun[] = []
  let size = FIRST_QUESTION
  for (const [column, { thresholds, directions }] of columnsOf(models, ranges).entries()) {
    const numbers = [0, 1].map((direction) => {
      if ((directions & (1 << direction)) === 0) return 0
      size += roundedUp(thresholds.length)
      return size - roundedUp(thresholds.length)
    })
    runs.push({ column, thresholds, missingRight: numbers[0] as number, missingLeft: numbers[1] as number })
  }
  const categories = new Map<string, CategoryQuestion>()
  for (const { m, from, to } of ranges) {
    const model = models[m] as TreeModel
    for (let node = from; node < to; node++) {
      if (!asksCategory(model, node) || categories.has(categoryKey(model, m, node))) continue
      categories.set(categoryKey(model, m, node), { ...categoryQuestion(model, node), id: size })
      size++
    }
  }
  return {
    runs: runs.filter(({ thresholds }) => thresholds.length > 0),
    categories: [...categories.values()],
    size: roundedUp(size),
    numbersOf: (m) => {
      const model = models[m] as TreeModel
      const { feature, threshold, missingLeft, categorySet } = model
      return (node) => {
        if ((categorySet[node] as number) >= 0) {
          return (categories.get(categoryKey(model, m, node)) as CategoryQuestion).id
        }
        const run = runs[feature[node] as number] as ThresholdRun
        const first = missingLeft[node] === 1 ? run.missingLeft : run.missingRight
        return first + indexOf(run.thresholds, sameQuestion(threshold[node] as number))
      }
    },
  }
}

const roundedUp = (count: number): number => Math.ceil(count / ALIGNMENT) * ALIGNMENT

const asksCategory = (model: TreeModel, node: number): boolean =>
  (model.feature[node] as number) >= 0 && (model.categorySet[node] as number) >= 0

const categoryKey = (model: TreeModel, m: number, node: number): string =>
  `${m} ${model.categorySet[node]} ${model.feature[node]} ${model.missingLeft[node]}`

function categoryQuestion(model: TreeModel, node: number): Omit<CategoryQuestion, 'id'> {
  const set = model.categorySet[node] as number
  return {
    column: model.feature[node] as number,
    missingLeft: model.missingLeft[node] === 1 ? 1 : 0,
    set: model.categoryBits.subarray(set, set + 1 + (model.categoryBits[set] as number)),
  }
}

/** No x lies below NaN, nor below -Infinity; -0 and 0 have the same numbers below them. */
const sameQuestion = (threshold: number): number => (Number.isNaN(threshold) ? -Infinity : threshold + 0)

interface ColumnThresholds {
  readonly thresholds: Float32Array
  /** Bit 0: a node sends a missing x right; bit 1: one sends it left. */
  readonly directions: number
}

function columnsOf(models: readonly TreeModel[], ranges: readonly NodeRange[]): ColumnThresholds[] {
  const directions = new Uint8Array(models[0]?.columns.length ?? 0)
  const counts = new Int32Array(directions.length)
  for (const { m, from, to } of ranges) {
    const { feature, categorySet, missingLeft } = models[m] as TreeModel
    for (let node = from; node < to; node++) {
      const column = feature[node] as number
      if (column < 0 || (categorySet[node] as number) >= 0) continue
      counts[column] = (counts[column] as number) + 1
      directions[column] = (directions[column] as number) | (missingLeft[node] === 1 ? 2 : 1)
    }
  }
  const lists = Array.from(counts, (count) => new Float32Array(count))
  counts.fill(0)
  for (const { m, from, to } of ranges) {
    const { feature, categorySet, threshold } = models[m] as TreeModel
    for (let node = from; node < to; node++) {
      const column = feature[node] as number
      if (column < 0 || (categorySet[node] as number) >= 0) continue
      const at = counts[column] as number
      const list = lists[column] as Float32Array
      list[at] = sameQuestion(threshold[node] as number)
      counts[column] = at + 1
    }
  }
  return lists.map((list, column) => ({ thresholds: distinct(list), directions: directions[column] as number }))
}

/** The different values, rising. They repeat often: a set of their bits leaves less to sort. */
function distinct(values: Float32Array): Float32Array {
  const bits = Int32Array.from(new Set(new Int32Array(values.buffer)))
  return new Float32Array(bits.buffer).toSorted()
}

function indexOf(rising: Float32Array, value: number): number {
  let low = 0
  let high = rising.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rising[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
