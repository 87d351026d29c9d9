import type { FixedPoint } from './fixed-point.ts'
import { countOf, hessianOf } from './fixed-point.ts'
import type { Layout } from './histogram.ts'

/** What a split must satisfy; see TrainOptions for the names. */
export interface SplitRules {
  readonly l2: number
  readonly minSplitGain: number
  readonly minChildWeight: number
  readonly minRowsPerLeaf: number
}

/** Sums over the rows of a node. */
export interface NodeSums {
  readonly gradient: number
  /** Hessians and rows, packed. */
  readonly packed: number
}

/** The best split of a node. `slot` is -1 where none is allowed or none gains enough. */
export interface Split {
  slot: number
  /** The last bin that goes left; -1 where only missing values do. */
  bin: number
  missingLeft: boolean
  /** Loss reduction: GL^2/(HL+l2) + GR^2/(HR+l2) - G^2/(H+l2). */
  gain: number
  left: NodeSums
}

/** Two candidates closer than this relative difference tie. */
const TIE = 1e-12

/** A split is real only where both sides' means differ by more than this many times what rounding can have done. */
const NOISE = 4

/**
 * One node under search. The gain of a split with left sums x (gradient) and a = HL + l2 equals S y^2 / (a b) minus
 * `offset`, a constant of the node, where S = H + 2 l2, b = S - a and y = x - (G/S) a. Candidates are ranked by
 * y^2 / (a b): no difference of large numbers, and no division for those that lose.
 */
interface Search extends SplitScratch {
  readonly rules: SplitRules
  readonly point: FixedPoint
  readonly sums: NodeSums
  readonly hessian: number
  /** S = H + 2 l2. */
  readonly total: number
  /** G / S. */
  readonly mean: number
  /** The rank to beat; rises with every better candidate. */
  rank: number
  /** The last better candidate: the cell before its cut, and its left sums. */
  cell: number
  gradient: number
  packed: number
}

/** Space for the cuts of one column; see listCuts. */
export interface SplitScratch {
  readonly cells: Int32Array
  readonly gradients: Float64Array
  readonly packs: Float64Array
}

/** What the search needs beside the node. */
export interface SplitContext {
  readonly layout: Layout
  readonly point: FixedPoint
  readonly rules: SplitRules
  readonly scratch: SplitScratch
}

/** Scratch for columns of up to 255 value bins. */
export function createSplitScratch(): SplitScratch {
  const size = 257
  return { cells: new Int32Array(size), gradients: new Float64Array(size), packs: new Float64Array(size) }
}

/**
 * Finds the split with the largest gain over all columns of the histogram. Candidates in order: columns ascending; in a
 * column, with missing values on the right and then (where there are any) on the left, the cuts ascending. The first
 * of equals wins. Both sides of a cut hold a value; "missing left, every value right" comes before the cuts. Where the
 * node has no missing value in the column, one that appears later goes with the larger side. A split must leave
 * `minRowsPerLeaf` rows and `minChildWeight` hessian on both sides and gain more than `minSplitGain`. Cost: linear in
 * the cells.
 */
export function findSplit(histogram: Float64Array, sums: NodeSums, context: SplitContext): Split {
  const { layout } = context
  const { search, offset } = startSearch(sums, context)
  const best: Split = { slot: -1, bin: 0, missingLeft: false, gain: 0, left: sums }
  for (let slot = 0; slot < layout.columns.length; slot++) {
    const first = layout.start[slot] as number
    const missing = (layout.start[slot + 1] as number) - 1
    const found = searchColumn(histogram, first, missing, search)
    if (found === 'none') continue
    best.slot = slot
    best.bin = search.cell - first
    best.left = { gradient: search.gradient, packed: search.packed }
    best.missingLeft = found === 'missing left' || (histogram[2 * missing + 1] === 0 && leftIsLarger(search))
  }
  if (best.slot >= 0) best.gain = (search.total * search.rank) / (1 + TIE) - offset
  return best
}

/** Whether at least half of the node's rows lie left of the last better candidate. */
function leftIsLarger({ packed, sums, point }: Search): boolean {
  return 2 * countOf(packed, point) >= countOf(sums.packed, point)
}

function startSearch(sums: NodeSums, context: SplitContext): { readonly search: Search; readonly offset: number } {
  const { rules, point, scratch } = context
  const hessian = hessianOf(sums.packed, point)
  const total = hessian + 2 * rules.l2
  const mean = total > 0 ? sums.gradient / total : 0
  const offset = hessian + rules.l2 > 0 ? (sums.gradient * mean * rules.l2) / (hessian + rules.l2) : 0
  const grid = point.gradientGrid + Math.abs(mean) * point.hessianGrid
  const noise = (NOISE * countOf(sums.packed, point) * grid) / total
  const rank = total > 0 ? Math.max(((rules.minSplitGain + offset) / total) * (1 + TIE), noise * noise) : Infinity
  return {
    search: { rules, point, sums, hessian, total, mean, rank, cell: 0, gradient: 0, packed: 0, ...scratch },
    offset,
  }
}

/** Tries all candidates of one column; tells whether one beat the rank so far, and leaves it in the search. */
function searchColumn(
  histogram: Float64Array,
  first: number,
  missing: number,
  search: Search,
): 'none' | 'missing right' | 'missing left' {
  const missingGradient = histogram[2 * missing] as number
  const missingPacked = histogram[2 * missing + 1] as number
  const cuts = listCuts(histogram, first, missing, search)
  const right = tryCuts(search, cuts, 0, 0)
  if (missingPacked === 0) return right ? 'missing right' : 'none'
  const left = tryCuts(search, cuts, missingGradient, missingPacked)
  if (left) return 'missing left'
  return right ? 'missing right' : 'none'
}

/**
 * Lists the cuts of one column that have a value on both sides: the cell before each, and the sums up to it. The first
 * entry is the cell before the column's first one with sums 0. Returns the number of entries. Empty cells are passed
 * over without a branch: a cut after one separates the same rows as the cut before it, small nodes are mostly empty
 * cells, and which are empty cannot be predicted.
 */
function listCuts(histogram: Float64Array, first: number, end: number, search: Search): number {
  const { cells, gradients, packs } = search
  let gradient = 0
  let packed = 0
  let count = 1
  cells[0] = first - 1
  gradients[0] = 0
  packs[0] = 0
  for (let cell = first; cell < end; cell++) {
    const added = histogram[2 * cell + 1] as number
    gradient += histogram[2 * cell] as number
    packed += added
    cells[count] = cell
    gradients[count] = gradient
    packs[count] = packed
    count += Number(added !== 0)
  }
  return count - 1
}

/** Tries the listed cuts with these sums of missing values added to the left; returns whether one beat the rank. */
function tryCuts(search: Search, cuts: number, missingGradient: number, missingPacked: number): boolean {
  const { rules, point, sums, hessian, total, mean, gradients, packs } = search
  const { unit, perUnit } = point
  const { l2, minChildWeight } = rules
  const least = rules.minRowsPerLeaf * unit
  // Packed sums order like row counts, so limits on rows need no unpacking.
  let from = 0
  while (from < cuts && (packs[from] as number) + missingPacked < least) from++
  let to = cuts
  while (to > from && sums.packed - missingPacked - (packs[to - 1] as number) < least) to--
  let rank = search.rank
  let best = -1
  for (let i = from; i < to; i++) {
    const packed = (packs[i] as number) + missingPacked
    const weight = packed - Math.floor(packed * perUnit) * unit
    const a = weight + l2
    const y = (gradients[i] as number) + missingGradient - mean * a
    const product = a * (total - a)
    if (y * y > rank * product && weight >= minChildWeight && hessian - weight >= minChildWeight) {
      rank = ((y * y) / product) * (1 + TIE)
      best = i
    }
  }
  if (best < 0) return false
  search.rank = rank
  search.cell = search.cells[best] as number
  search.gradient = (gradients[best] as number) + missingGradient
  search.packed = (packs[best] as number) + missingPacked
  return true
}
