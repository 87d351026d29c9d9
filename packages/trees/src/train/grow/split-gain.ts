import type { Engine } from '../../engine/engine.ts'
import type { Scale } from '../../engine/fixed-point.ts'
import type { ColumnSums, NodeHistogram } from './column-histogram.ts'

/** What a split must satisfy, and what makes its gain; see TrainOptions for the names. */
export interface SplitRules {
  readonly l2: number
  readonly l1: number
  readonly minSplitGain: number
  readonly minChildWeight: number
  readonly minRowsPerLeaf: number
  /** Bound on a leaf before the learning rate; 0 for none. */
  readonly maxDeltaStep: number
  /** Per slot 1 (rising), -1 (falling) or 0; undefined where no column is constrained. */
  readonly monotone: Int8Array | undefined
}

/** Sums over the rows of a node, in fixed-point units or in those of the loss. */
export interface NodeSums {
  readonly gradient: number
  readonly hessian: number
}

/** The values that a leaf below a node may take, before the learning rate; set by monotone constraints. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/** No bounds. */
export const UNBOUNDED: Bounds = { low: -Infinity, high: Infinity }

/** The best split of a node. */
export interface Split {
  readonly slot: number
  /** The last value bin that goes left; -1 where only missing values do. Of no meaning with `codes`. */
  readonly bin: number
  readonly missingLeft: boolean
  /** Categories: one byte a code, 1 where it goes left (code 0 is missing). */
  readonly codes: Uint8Array | undefined
  /** Loss reduction: GL^2/(HL+l2) + GR^2/(HR+l2) - G^2/(H+l2). */
  readonly gain: number
  readonly left: NodeSums
}

/** A node whose split is sought; rows `order[from..to)`. */
export interface SearchNode extends NodeHistogram {
  readonly sums: NodeSums
  readonly bounds: Bounds
}

/** What a search works with. */
export interface SplitContext {
  readonly engine: Engine
  readonly rules: SplitRules
  readonly scale: Scale
  /** Scratch for the sums of one column. */
  readonly columnSums: ColumnSums
}

/** The node in units of the search: S = H + 2 l2, G / S, and the constant that ranks leave out. */
export interface NodeStatistics extends NodeSums {
  readonly l2: number
  readonly total: number
  readonly mean: number
  readonly offset: number
  /** Hessian that each side needs; where hessians differ between rows, with an estimate for the limit on rows. */
  readonly minHessian: number
  /** Rows that each side needs, where hessians do not determine them. */
  readonly minRows: number
  /** Squared distance below which a difference may be rounding alone. */
  readonly noise: number
}

/** Share of a node's mean hessian that a row is taken to have at least, where rows differ. */
const LENIENCE = 0.5

/** Gains below this share of what the node saves are rounding in 64 bits. */
const ROUNDING = 1e-10

/** What rounding alone may make of the square of a difference between two parts of so many rows, in fixed-point units. */
export function roundingOf(rows: number): number {
  return 4 * rows
}

/** The statistics of a node of `rows` rows. */
export function nodeStatistics(sums: NodeSums, rows: number, rules: SplitRules, scale: Scale): NodeStatistics {
  const l2 = rules.l2 * scale.hessian
  const total = sums.hessian + 2 * l2
  const mean = sums.gradient / total
  const perRow = scale.rowHessian > 0 ? scale.rowHessian : (LENIENCE * sums.hessian) / rows
  const minForRows = rules.minRowsPerLeaf > 1 ? Math.ceil(rules.minRowsPerLeaf * perRow) : 1
  return {
    gradient: sums.gradient,
    hessian: sums.hessian,
    l2,
    total,
    mean,
    offset: (sums.gradient * mean * l2) / (sums.hessian + l2),
    minHessian: Math.max(minForRows, rules.minChildWeight * scale.hessian),
    minRows: scale.rowHessian > 0 ? 1 : rules.minRowsPerLeaf,
    noise: roundingOf(rows),
  }
}

/** Fixed-point sums in units of the loss. */
export function toLossUnits({ gradient, hessian }: NodeSums, scale: Pick<Scale, 'gradient' | 'hessian'>): NodeSums {
  return { gradient: gradient / scale.gradient, hessian: hessian / scale.hessian }
}

/**
 * The best value of a leaf with these sums (in units of the loss) before the learning rate: -T(G) / (H + l2) with T shrinking
 * |G| by l1 (XGBoost's regularised leaf, Chen and Guestrin 2016, eq. 5), kept within its bounds; 0 where H + l2 is 0.
 */
export function leafWeight({ gradient, hessian }: NodeSums, rules: SplitRules, { low, high }: Bounds): number {
  const shrunk = Math.sign(gradient) * Math.max(Math.abs(gradient) - rules.l1, 0)
  const divisor = hessian + rules.l2
  if (divisor <= 0) return Math.min(high, Math.max(low, 0))
  const step = rules.maxDeltaStep
  const weight = -shrunk / divisor
  const bounded = step > 0 ? Math.min(step, Math.max(-step, weight)) : weight
  return Math.min(high, Math.max(low, bounded))
}

/** Twice the loss that a leaf of this weight saves: -(2 G w + (H + l2) w^2 + 2 l1 |w|). */
function leafScore({ gradient, hessian }: NodeSums, weight: number, { l1, l2 }: SplitRules): number {
  return -(2 * gradient * weight + (hessian + l2) * weight * weight + 2 * l1 * Math.abs(weight))
}

/** Bounds of the left and the right child where values rise (1) or fall (-1) from left to right: `middle` parts them. */
export function childBounds({ low, high }: Bounds, direction: number, middle: number): readonly [Bounds, Bounds] {
  const lower = { low, high: middle }
  const upper = { low: middle, high }
  return direction > 0 ? [lower, upper] : [upper, lower]
}

/** Whether the rules are more than l2, minimum weight and minimum rows: gains then need the long formula. */
export function isRestricted(rules: SplitRules, bounds: Bounds): boolean {
  return (
    rules.l1 > 0 ||
    rules.maxDeltaStep > 0 ||
    rules.monotone !== undefined ||
    bounds.low > -Infinity ||
    bounds.high < Infinity
  )
}

/**
 * The loss reduction of a split with these left sums, by the long formula; -1 where it must rise (`direction` 1) or fall (-1)
 * from left to right and does not.
 */
export function restrictedGain(left: NodeSums, direction: number, node: SearchNode, context: SplitContext): number {
  const { rules, scale } = context
  const parent = toLossUnits(node.sums, scale)
  const l = toLossUnits(left, scale)
  const r = { gradient: parent.gradient - l.gradient, hessian: parent.hessian - l.hessian }
  const wl = leafWeight(l, rules, node.bounds)
  const wr = leafWeight(r, rules, node.bounds)
  if (direction * (wr - wl) < 0) return -1
  const apart = leafScore(l, wl, rules) + leafScore(r, wr, rules)
  const together = parentScore(node, context)
  // Where bounds give both sides and the node one weight, or l1 just covers a gradient, the difference is what rounding left.
  const rounded = (roundingOf(node.to - node.from) / node.sums.hessian) * scale.gain
  return apart - together > Math.max(ROUNDING * Math.abs(together), rounded) ? apart - together : 0
}

function parentScore({ sums, bounds }: SearchNode, { rules, scale }: SplitContext): number {
  const own = toLossUnits(sums, scale)
  return leafScore(own, leafWeight(own, rules, bounds), rules)
}

/** The largest gain that a column of this rank can have; see the kernel's scan. The factor covers its 32 bits. */
export function gainBound(rank: number, statistics: NodeStatistics, node: SearchNode, context: SplitContext): number {
  const { rules, scale } = context
  const free = { ...rules, l1: 0, maxDeltaStep: 0 }
  const sums = toLossUnits(node.sums, scale)
  const unbounded = leafScore(sums, leafWeight(sums, free, UNBOUNDED), free)
  const gain = (statistics.total * rank * 1.0001 - statistics.offset) * scale.gain
  return gain + unbounded - parentScore(node, context)
}
