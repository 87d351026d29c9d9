import { createColumnHistogram, readColumnHistogram, wholeHistogram } from './column-histogram.ts'
import type { NodeHistogram } from './column-histogram.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Scale } from '../../engine/fixed-point.ts'
import type { Bounds, NodeSums, SplitRules } from './split-rules.ts'
import { leafScore, leafWeight } from './split-rules.ts'

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
  readonly cells: ReturnType<typeof createColumnHistogram>
}

/** One way to cut a column: its left sums, in fixed-point units. */
export interface Cut extends NodeSums {
  readonly bin: number
  readonly missingLeft: boolean
}

/** The node in units of the search: S = H + 2 l2, G / S, and the constant that ranks leave out. */
export interface NodeStatistics extends NodeSums {
  readonly l2: number
  readonly total: number
  readonly mean: number
  readonly offset: number
  /** Hessian that each side needs; where hessians differ between rows, with an estimate for the limit on rows. */
  readonly least: number
  /** Rows that each side needs, where hessians do not tell. */
  readonly minRows: number
  /** Squared distance below which a difference may be rounding alone. */
  readonly noise: number
}

/** Share of a node's mean hessian that a row is taken to have at least, where rows differ. */
const LENIENCE = 0.5

/** Cuts of one column whose ranks differ by less than this share tie: the first wins. */
const TIE = 1e-7

/** What rounding alone may make of the square of a difference between two parts of so many rows, in fixed-point units. */
export function roundingOf(rows: number): number {
  return 4 * rows
}

/** Gains below this share of what the node saves are rounding in 64 bits. */
const ROUNDING = 1e-10

/** Facts of a node; `rows` is how many it has. */
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
    least: Math.max(minForRows, rules.minChildWeight * scale.hessian),
    minRows: scale.rowHessian > 0 ? 1 : rules.minRowsPerLeaf,
    noise: roundingOf(rows),
  }
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
  const real = ({ gradient, hessian }: NodeSums): NodeSums => ({
    gradient: gradient / scale.gradient,
    hessian: hessian / scale.hessian,
  })
  const parent = real(node.sums)
  const l = real(left)
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
  const real = { gradient: sums.gradient / scale.gradient, hessian: sums.hessian / scale.hessian }
  return leafScore(real, leafWeight(real, rules, bounds), rules)
}

/** What a gain can at most be for a column of this rank; see the kernel's scan. The factor covers its 32 bits. */
export function gainBound(rank: number, statistics: NodeStatistics, node: SearchNode, context: SplitContext): number {
  const { rules, scale } = context
  const free = { ...rules, l1: 0, maxDeltaStep: 0 }
  const sums = { gradient: node.sums.gradient / scale.gradient, hessian: node.sums.hessian / scale.hessian }
  const unbounded = leafScore(sums, leafWeight(sums, free, { low: -Infinity, high: Infinity }), free)
  const gain = (statistics.total * rank * 1.0001 - statistics.offset) * scale.gain
  return gain + unbounded - parentScore(node, context)
}

/**
 * The best cut of one column in 64 bits, or undefined where none is allowed or (without restriction) gains more than
 * `minGain`. Candidates in order: cuts ascending, each with missing values right, then left; all values left and missing
 * right is kept as "missing left, every value right". The first of equals wins. Where the node has no missing value in the
 * column, one that appears later goes with more hessian.
 */
export function locate(
  slot: number,
  node: SearchNode,
  statistics: NodeStatistics,
  context: SplitContext,
  minGain: number,
): Split | undefined {
  if (isRestricted(context.rules, node.bounds)) return locateRestricted(slot, node, statistics, context)
  const { engine, scale } = context
  const { found } = engine.views
  const histogram = wholeHistogram(engine.layout, slot, node)
  const search = (minRows: number): number =>
    engine.kernel.locate(
      node.from,
      node.to,
      slot,
      histogram,
      engine.layout.binsOf[slot] as number,
      statistics.gradient,
      statistics.hessian,
      statistics.l2,
      statistics.least,
      minRows,
      statistics.noise,
      minGain === 0 ? 0 : (minGain / scale.gain + statistics.offset) / statistics.total,
    )
  // Rows are counted only where the histogram's best cut may leave too few.
  const lightest = statistics.minRows * scale.maxHessian
  let cut = search(histogram === 0 ? statistics.minRows : 1)
  if (
    histogram !== 0 &&
    cut >= 0 &&
    Math.min(found[1] as number, statistics.hessian - (found[1] as number)) < lightest
  ) {
    cut = search(statistics.minRows)
  }
  if (cut < 0) return undefined
  const left = { gradient: found[0] as number, hessian: found[1] as number }
  const gain = (statistics.total * (found[3] as number) - statistics.offset) * scale.gain
  return toSplit(slot, { ...left, bin: cut >> 1, missingLeft: (cut & 1) === 1 }, found[2] as number, gain, node.sums)
}

/** The same by the long formula. */
function locateRestricted(
  slot: number,
  node: SearchNode,
  statistics: NodeStatistics,
  context: SplitContext,
): Split | undefined {
  const cells = readColumnHistogram(context.engine, slot, node, context.cells)
  const { bins, gradients, hessians } = cells
  const counts = countRows(slot, bins, node, context.engine)
  const direction = context.rules.monotone?.[slot] ?? 0
  const missing = { gradient: gradients[0] as number, hessian: hessians[0] as number }
  const left = { gradient: 0, hessian: 0, rows: 0 }
  let best: { readonly cut: Cut; readonly gain: number } | undefined
  for (let bin = 1; bin <= bins; bin++) {
    if (counts[bin] === 0) continue
    left.gradient += gradients[bin] as number
    left.hessian += hessians[bin] as number
    left.rows += counts[bin] as number
    for (const missingLeft of counts[0] === 0 ? [false] : [false, true]) {
      const side = missingLeft ? 1 : 0
      const cut = {
        gradient: left.gradient + side * missing.gradient,
        hessian: left.hessian + side * missing.hessian,
        bin: bin - 1,
        missingLeft,
      }
      if (!isAllowed(cut, left.rows + side * (counts[0] as number), node, statistics)) continue
      // Missing values alone on a side are no lower or higher than the others.
      const byMissing = !missingLeft && counts[0] !== 0 && node.sums.hessian - cut.hessian === missing.hessian
      const gain = restrictedGain(cut, byMissing ? 0 : direction, node, context)
      if (gain > (best?.gain ?? 0) * (1 + TIE)) best = { cut, gain }
    }
  }
  return best && toSplit(slot, best.cut, missing.hessian, best.gain, node.sums)
}

/** Whether a cut leaves enough on both sides, and more than rounding between them. */
function isAllowed(
  { gradient, hessian }: Cut,
  rows: number,
  { from, to, sums }: SearchNode,
  statistics: NodeStatistics,
): boolean {
  const d = gradient - (hessian + statistics.l2) * statistics.mean
  return (
    Math.min(hessian, sums.hessian - hessian) >= statistics.least &&
    Math.min(rows, to - from - rows) >= statistics.minRows &&
    d * d > statistics.noise
  )
}

/** Rows of the node by code. */
export function countRows(slot: number, bins: number, { from, to }: SearchNode, { views, layout }: Engine): Int32Array {
  const counts = new Int32Array(bins + 1)
  const base = slot * layout.rows
  for (let i = from; i < to; i++) {
    const code = views.columnBins[base + (views.order[i] as number)] as number
    counts[code] = (counts[code] as number) + 1
  }
  return counts
}

function toSplit(
  slot: number,
  { bin, missingLeft, gradient, hessian }: Cut,
  missingHessian: number,
  gain: number,
  sums: NodeSums,
): Split {
  const noMissing = missingHessian === 0
  // Every row's hessian is at least 1, so this says that every value lies left.
  if (!noMissing && !missingLeft && sums.hessian - hessian === missingHessian) {
    const left = { gradient: sums.gradient - gradient, hessian: missingHessian }
    return { slot, bin: -1, missingLeft: true, codes: undefined, gain, left }
  }
  const goesLeft = noMissing ? 2 * hessian >= sums.hessian * (1 - 1e-6) : missingLeft
  return { slot, bin, missingLeft: goesLeft, codes: undefined, gain, left: { gradient, hessian } }
}

/** Marks the codes that go left: codes up to `bin + 1`, and code 0 as `missingLeft` says. */
export function fillTable(
  table: Uint8Array,
  {
    bin,
    missingLeft,
    codes,
  }: { readonly bin: number; readonly missingLeft: boolean; readonly codes?: Uint8Array | undefined },
): void {
  if (codes) {
    table.set(codes)
    return
  }
  table.fill(1, 0, bin + 2)
  table.fill(0, bin + 2)
  table[0] = missingLeft ? 1 : 0
}
