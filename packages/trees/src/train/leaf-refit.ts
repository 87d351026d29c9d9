import type { RegionViews } from '../engine/memory.ts'
import type { Leaf } from './grow/grow-task.ts'
import type { NodeStore } from './grow/node-store.ts'
import { childBounds, UNBOUNDED } from './grow/split-gain.ts'
import type { Bounds } from './grow/split-gain.ts'
import { weightedQuantile } from './objectives.ts'

/** What leaves are refitted with. */
export interface LeafRefit {
  /** The quantile, in (0, 1). */
  readonly q: number
  readonly learningRate: number
  /** Bound on a leaf before the learning rate; 0 for none. */
  readonly maxDeltaStep: number
  /** Whether values must rise (1) or fall (-1) along a matrix column; undefined where no column is constrained. */
  readonly directionOf: ((column: number) => number) | undefined
  /** Of the rows as the tree saw them: hessians are their weights, the factor of GOSS included. */
  readonly views: Pick<RegionViews, 'order' | 'labels' | 'scores' | 'hessians'>
  readonly store: NodeStore
}

/**
 * Replaces each leaf's value by the learning rate times the quantile of its rows' residuals (label minus score): the exact
 * line search for losses whose second derivative is not a guide (Friedman 2001, section 4.2). Where a column is monotone, the
 * middle of the two sides' quantiles parts the leaves below a split on it.
 */
export function refitToQuantiles(leaves: readonly Leaf[], root: number, refit: LeafRefit): void {
  if (refit.directionOf === undefined) for (const leaf of leaves) setLeaf(leaf.node, leaf, UNBOUNDED, refit)
  else refitBelow(root, rangesOf(leaves, root, refit.store), UNBOUNDED, refit)
}

/** Entries of the order, half-open. */
type Range = Pick<Leaf, 'from' | 'to'>

function setLeaf(node: number, range: Range, bounds: Bounds, refit: LeafRefit): void {
  refit.store.value[node] = refit.learningRate * residual(range, bounds, refit)
}

/** The quantile of the residuals, within its bounds. */
function residual({ from, to }: Range, { low, high }: Bounds, { q, maxDeltaStep, views }: LeafRefit): number {
  const { order, labels, scores, hessians } = views
  const quantile = weightedQuantile(
    order.subarray(from, to),
    (row) => (labels[row] as number) - (scores[row] as number),
    (row) => hessians[row] as number,
    q,
  )
  const step = maxDeltaStep > 0 ? Math.min(maxDeltaStep, Math.max(-maxDeltaStep, quantile)) : quantile
  return Math.min(high, Math.max(low, step))
}

/** The rows of every node: those of a branch are its left child's and then its right child's. */
function rangesOf(leaves: readonly Leaf[], root: number, { feature, left, count }: NodeStore): Map<number, Range> {
  const ranges = new Map<number, Range>(leaves.map((leaf) => [leaf.node, leaf]))
  for (let node = count - 1; node >= root; node--) {
    if ((feature[node] as number) < 0) continue
    const child = left[node] as number
    ranges.set(node, { from: (ranges.get(child) as Range).from, to: (ranges.get(child + 1) as Range).to })
  }
  return ranges
}

function refitBelow(node: number, ranges: ReadonlyMap<number, Range>, bounds: Bounds, refit: LeafRefit): void {
  const { feature, left, bin, categorySet } = refit.store
  const column = feature[node] as number
  if (column < 0) {
    setLeaf(node, ranges.get(node) as Range, bounds, refit)
    return
  }
  const child = left[node] as number
  // Whether a value is missing, or in a set, is not a question of order.
  const ordered = (bin[node] as number) >= 0 && (categorySet[node] as number) < 0
  const direction = ordered ? (refit.directionOf?.(column) ?? 0) : 0
  const values = [child, child + 1].map((at) => residual(ranges.get(at) as Range, bounds, refit)) as [number, number]
  const parts = direction === 0 ? [bounds, bounds] : childBounds(bounds, direction, (values[0] + values[1]) / 2)
  refitBelow(child, ranges, parts[0], refit)
  refitBelow(child + 1, ranges, parts[1], refit)
}
