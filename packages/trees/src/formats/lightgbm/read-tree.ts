import type { ForeignTree } from '../assemble.ts'
import { integerOf, numbersOf, wordsOf, wrongLine } from './text.ts'
import type { Block } from './text.ts'

/** Bits of decision_type: split on categories, missing goes left; from bit 2 on, what counts as missing. */
const CATEGORY_BIT = 1
const DEFAULT_LEFT_BIT = 2
const MISSING = ['none', 'zero', 'nan'] as const

/** Most leaves of a tree: more than any that is trained. */
const MAX_LEAVES = 2 ** 22

/** How a file's trees are read. */
export interface TreeReading {
  /** The file's features as columns. */
  readonly columnOf: Int32Array
  /** What leaf values are multiplied by. */
  readonly scale: number
  /** Files of version 3 and earlier take a missing category for category 0 where nothing was missing in training. */
  readonly missingIsFirstCategory: boolean
}

/**
 * One tree. LightGBM numbers branches from 0 and leaves from -1 down; here leaf k of a tree of L leaves is node L - 1 + k.
 * Its questions are x <= t and "in the set", yes goes left. Throws where leaves are linear models, and where zero counts as
 * missing, which a single split of ours cannot express.
 */
export function readTree(block: Block, reading: TreeReading): ForeignTree {
  if (integerOf(block, 'is_linear', 0) !== 0) {
    throw wrongLine(block, 'is_linear', 'is 1: trees of linear models are not known; train with linear_tree=false')
  }
  const leaves = integerOf(block, 'num_leaves')
  if (leaves < 1 || leaves > MAX_LEAVES) throw wrongLine(block, 'num_leaves', `must be from 1 to ${MAX_LEAVES}`)
  const branches = leaves - 1
  const list = (key: string): number[] => numbersOf(block, key, branches)
  const decisions = list('decision_type')
  const thresholds = list('threshold')
  const categories = setsOf(block, decisions, thresholds)
  const both = (branch: readonly number[], leaf: number): number[] => [
    ...branch,
    ...Array.from({ length: leaves }, () => leaf),
  ]
  return {
    yes: both(
      list('left_child').map((child) => nodeOf(child, branches, block)),
      -1,
    ),
    no: both(
      list('right_child').map((child) => nodeOf(child, branches, block)),
      -1,
    ),
    feature: both(
      list('split_feature').map((feature) => reading.columnOf[feature] ?? -1),
      -1,
    ),
    threshold: both(thresholds.map(strictThreshold), 0),
    missingYes: both(
      decisions.map((decision, i) => missingYes(block, decision, thresholds[i] as number, categories.get(i), reading)),
      0,
    ),
    categories,
    value: [...zeros(branches), ...numbersOf(block, 'leaf_value', leaves).map((value) => value * reading.scale)],
    gain: both(list('split_gain'), 0),
    cover: [...optional(block, 'internal_weight', branches), ...optional(block, 'leaf_weight', leaves)],
  }
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0)

/** A line of numbers that some versions leave out; zeros then. */
function optional(block: Block, key: string, count: number): number[] {
  return wordsOf(block, key).length === 0 ? zeros(count) : numbersOf(block, key, count)
}

/** The node that a child's number stands for. */
function nodeOf(child: number, branches: number, block: Block): number {
  const node = child < 0 ? branches - 1 - child : child
  if (Number.isInteger(child) && node <= 2 * branches) return node
  throw wrongLine(block, 'left_child or right_child', `holds ${child}: there is no such node`)
}

function missingYes(
  block: Block,
  decision: number,
  threshold: number,
  set: readonly number[] | undefined,
  { missingIsFirstCategory }: TreeReading,
): number {
  const kind = MISSING[(decision >> 2) & 3]
  if (set !== undefined) return Number(missingIsFirstCategory && kind !== 'nan' && set.includes(0))
  // Nothing was missing in training: LightGBM then takes NaN for 0.
  if (kind === 'none') return Number(threshold >= 0)
  if (kind === 'nan') return (decision & DEFAULT_LEFT_BIT) === 0 ? 0 : 1
  throw wrongLine(
    block,
    'decision_type',
    `is ${decision}: zero as missing is not known; train with zero_as_missing=false`,
  )
}

/** The categories of each node that splits on them: bits of 32-bit words. */
function setsOf(block: Block, decisions: readonly number[], thresholds: readonly number[]): Map<number, number[]> {
  const count = integerOf(block, 'num_cat', 0)
  const sets = new Map<number, number[]>()
  const asking = [...decisions.keys()].filter((i) => ((decisions[i] as number) & CATEGORY_BIT) !== 0)
  if (count === 0 && asking.length === 0) return sets
  const begins = numbersOf(block, 'cat_boundaries', count + 1)
  const words = numbersOf(block, 'cat_threshold', begins[count] as number)
  for (const i of asking) {
    const set = thresholds[i] as number
    const [begin, end] = [begins[set], begins[set + 1]]
    if (begin === undefined || end === undefined || !(begin >= 0 && begin <= end && end <= words.length)) {
      throw wrongLine(block, 'threshold', `holds ${set} for node ${i}: there is no such set of categories`)
    }
    sets.set(i, categoriesOf(words.slice(begin, end)))
  }
  return sets
}

function categoriesOf(words: readonly number[]): number[] {
  return words.flatMap((word, w) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => 32 * w + bit),
  )
}

const bits = new DataView(new ArrayBuffer(4))

/** The smallest 32-bit float above a 32-bit float; infinity for itself. */
function nextUp(x: number): number {
  if (x === Infinity) return x
  if (x === 0) return 2 ** -149
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x > 0 ? 1 : -1))
  return bits.getFloat32(0)
}

/** The largest 32-bit float below a finite 32-bit float or infinity. */
const nextDown = (x: number): number => -nextUp(-x)

/**
 * The 32-bit threshold u for which x < u equals x <= t for every 32-bit x: the float after the largest one that is at most t.
 * For t of the largest float or more only x = Infinity lies beyond, and u is Infinity.
 */
function strictThreshold(t: number): number {
  const rounded = Math.fround(t)
  return nextUp(rounded <= t ? rounded : nextDown(rounded))
}
