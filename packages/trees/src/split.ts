import { createColumnCells, readCells } from './cells.ts'
import type { ColumnCells, NodeCells } from './cells.ts'
import type { Engine } from './engine/engine.ts'
import type { Scale } from './scale.ts'
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
export interface SearchNode extends NodeCells {
  readonly from: number
  readonly to: number
  readonly sums: NodeSums
  readonly bounds: Bounds
}

/** What a search works with. */
export interface SplitContext {
  readonly engine: Engine
  readonly rules: SplitRules
  readonly scale: Scale
  readonly cells: ReturnType<typeof createColumnCells>
}

/** One way to cut a column: its left sums, in fixed-point units. */
export interface Cut extends NodeSums {
  readonly bin: number
  readonly missingLeft: boolean
}

/** The node in units of the search: S = H + 2 l2, G / S, and the constant that ranks leave out. */
export interface NodeFacts {
  readonly l2: number
  readonly total: number
  readonly mean: number
  readonly offset: number
  /** Hessian that each side needs; where hessians differ between rows, an estimate stands for the limit on rows. */
  readonly least: number
  /** Squared distance below which a difference may be rounding alone. */
  readonly noise: number
}

/** Share of a node's mean hessian that a row is taken to have at least, where rows differ. */
const LENIENCE = 0.5

/** Cuts of one column whose ranks differ by less than this share tie: the first wins. */
const TIE = 1e-7

/** Facts of a node; `rows` is how many it has. */
export function factsOf(sums: NodeSums, rows: number, rules: SplitRules, scale: Scale): NodeFacts {
  const l2 = rules.l2 * scale.hessian
  const total = sums.hessian + 2 * l2
  const mean = sums.gradient / total
  const perRow = scale.rowHessian > 0 ? scale.rowHessian : (LENIENCE * sums.hessian) / rows
  const leastForRows = rules.minRowsPerLeaf > 1 ? Math.ceil(rules.minRowsPerLeaf * perRow) : 1
  return {
    l2,
    total,
    mean,
    offset: (sums.gradient * mean * l2) / (sums.hessian + l2),
    least: Math.max(leastForRows, rules.minChildWeight * scale.hessian),
    noise: 4 * rows,
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

/** The loss reduction of a split with these left sums, by the long formula; -1 where a monotone rule forbids it. */
export function restrictedGain(left: NodeSums, slot: number, node: SearchNode, context: SplitContext): number {
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
  const direction = rules.monotone?.[slot] ?? 0
  if (direction * (wr - wl) < 0) return -1
  return leafScore(l, wl, rules) + leafScore(r, wr, rules) - parentScore(node, context)
}

function parentScore({ sums, bounds }: SearchNode, { rules, scale }: SplitContext): number {
  const real = { gradient: sums.gradient / scale.gradient, hessian: sums.hessian / scale.hessian }
  return leafScore(real, leafWeight(real, rules, bounds), rules)
}

/** What a gain can at most be for a column of this rank; see the kernel's scan. The factor covers its 32 bits. */
export function gainBound(rank: number, facts: NodeFacts, node: SearchNode, context: SplitContext): number {
  const { rules, scale } = context
  const free = { ...rules, l1: 0, maxDeltaStep: 0 }
  const sums = { gradient: node.sums.gradient / scale.gradient, hessian: node.sums.hessian / scale.hessian }
  const unbounded = leafScore(sums, leafWeight(sums, free, { low: -Infinity, high: Infinity }), free)
  const gain = (facts.total * rank * 1.0001 - facts.offset) * scale.gain
  return gain + unbounded - parentScore(node, context)
}

/**
 * The best cut of one column in 64 bits, or undefined where none is allowed. Candidates in order: cuts ascending, each with
 * missing values right, then left; all values left and missing right is kept as "missing left, every value right". The
 * first of equals wins. Where the node has no missing value in the column, one that appears later goes with more hessian.
 */
export function locate(slot: number, node: SearchNode, facts: NodeFacts, context: SplitContext): Split | undefined {
  const cells = readCells(context.engine, slot, node, context.cells)
  const cut = isRestricted(context.rules, node.bounds)
    ? bestRestricted(slot, cells, node, facts, context)
    : bestPlain(cells, node.sums, facts)
  if (cut === undefined || rowsAllowed(slot, cut, node, context)) return cut && toSplit(slot, cut, cells, node, context)
  const counts = countRows(slot, cells.bins, node, context.engine)
  const second = bestRestricted(slot, cells, node, facts, context, counts)
  return second && toSplit(slot, second, cells, node, context)
}

/** The cut of the largest rank d^2 / (a (S - a)). */
function bestPlain({ bins, gradients, hessians }: ColumnCells, sums: NodeSums, facts: NodeFacts): Cut | undefined {
  const { l2, total, mean, least } = facts
  const missingG = gradients[0] as number
  const missingH = hessians[0] as number
  const most = sums.hessian - least
  let rank = 0
  let bin = -1
  let missingLeft = false
  let g = 0
  let h = 0
  let found: NodeSums | undefined
  for (let b = 1; b <= bins; b++) {
    if (hessians[b] === 0) continue
    g += gradients[b] as number
    h += hessians[b] as number
    for (let side = 0; side < (missingH > 0 ? 2 : 1); side++) {
      const hl = side === 0 ? h : h + missingH
      if (hl < least || hl > most) continue
      const gl = side === 0 ? g : g + missingG
      const a = hl + l2
      const d = gl - a * mean
      const candidate = (d * d) / (a * (total - a))
      if (candidate <= rank * (1 + TIE) || d * d <= facts.noise) continue
      rank = candidate
      bin = b - 1
      missingLeft = side === 1
      found = { gradient: gl, hessian: hl }
    }
  }
  return found && { ...found, bin, missingLeft }
}

/** The same by the long formula, and within the limit on rows where `counts` (rows by code) are given. */
function bestRestricted(
  slot: number,
  { bins, gradients, hessians }: ColumnCells,
  node: SearchNode,
  facts: NodeFacts,
  context: SplitContext,
  counts?: Int32Array,
): Cut | undefined {
  const { minRowsPerLeaf } = context.rules
  const rows = node.to - node.from
  let gain = 0
  let found: Cut | undefined
  let g = 0
  let h = 0
  let n = 0
  for (let b = 1; b <= bins; b++) {
    if (hessians[b] === 0) continue
    g += gradients[b] as number
    h += hessians[b] as number
    n += counts?.[b] ?? 0
    for (const missingLeft of (hessians[0] as number) > 0 ? [false, true] : [false]) {
      const left = {
        gradient: missingLeft ? g + (gradients[0] as number) : g,
        hessian: missingLeft ? h + (hessians[0] as number) : h,
      }
      const leftRows = missingLeft ? n + (counts?.[0] ?? 0) : n
      if (left.hessian < facts.least || node.sums.hessian - left.hessian < facts.least) continue
      if (counts && (leftRows < minRowsPerLeaf || rows - leftRows < minRowsPerLeaf)) continue
      const d = left.gradient - (left.hessian + facts.l2) * facts.mean
      if (d * d <= facts.noise) continue
      const candidate = restrictedGain(left, slot, node, context)
      if (candidate <= gain * (1 + TIE)) continue
      gain = candidate
      found = { ...left, bin: b - 1, missingLeft }
    }
  }
  return found
}

/** Whether both sides have rows enough; where all hessians are the same, the search has seen to it. */
function rowsAllowed(slot: number, cut: Cut, node: SearchNode, { engine, rules, scale }: SplitContext): boolean {
  if (rules.minRowsPerLeaf === 1 || scale.rowHessian > 0) return true
  fillTable(engine.views.goesLeft, cut)
  const left = engine.kernel.countLeft(node.from, node.to, slot)
  return left >= rules.minRowsPerLeaf && node.to - node.from - left >= rules.minRowsPerLeaf
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

function toSplit(slot: number, cut: Cut, cells: ColumnCells, node: SearchNode, context: SplitContext): Split {
  const gain = restrictedGain(cut, slot, node, context)
  const { bin, missingLeft, gradient, hessian } = cut
  const { sums } = node
  const noMissing = cells.hessians[0] === 0
  // Every row's hessian is at least 1, so this says that every value lies left.
  if (!noMissing && !missingLeft && sums.hessian - hessian === cells.hessians[0]) {
    const missing = { gradient: sums.gradient - gradient, hessian: sums.hessian - hessian }
    return { slot, bin: -1, missingLeft: true, codes: undefined, gain, left: missing }
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
