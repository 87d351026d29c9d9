import type { GrowTask } from './grow.ts'
import { addCategories, addNodes } from './node-store.ts'
import { leafWeight, partBounds } from './split-rules.ts'
import type { Bounds, NodeSums } from './split-rules.ts'
import type { Split } from './locate-split.ts'

/** A node that is split. */
interface Branch {
  readonly node: number
  readonly split: Split
  readonly sums: NodeSums
  readonly bounds: Bounds
}

/** Writes a leaf's value and cover. */
export function writeLeaf(
  { rules, scale, store }: Pick<GrowTask, 'rules' | 'scale' | 'store'>,
  node: number,
  sums: NodeSums,
  bounds: Bounds,
): void {
  const real = { gradient: sums.gradient / scale.gradient, hessian: sums.hessian / scale.hessian }
  const weight = leafWeight(real, rules, bounds)
  const most = rules.maxWeight?.(real) ?? Infinity
  store.value[node] = rules.learningRate * (weight > most ? Math.max(bounds.low, most) : weight)
  store.cover[node] = real.hessian
}

/** Fills the branch's node and returns its left child, the right one beside it. */
export function writeBranch(task: GrowTask, { node, split, sums }: Branch): number {
  const { binned, engine, store, scale } = task
  const left = addNodes(store, 2)
  const column = engine.layout.columnOf[split.slot] as number
  const cuts = binned.cutStart[column] as number
  store.feature[node] = column
  store.bin[node] = split.bin
  store.left[node] = left
  store.missingLeft[node] = split.missingLeft ? 1 : 0
  store.gain[node] = split.gain
  store.cover[node] = sums.hessian / scale.hessian
  if (split.codes) {
    const codes = split.codes.subarray(1)
    const categories = binned.cuts.subarray(cuts, binned.cutStart[column + 1]).filter((_, bin) => codes[bin] === 1)
    addCategories(store, node, [...categories], split.codes)
  } else store.threshold[node] = split.bin < 0 ? -Infinity : (binned.cuts[cuts + split.bin] as number)
  return left
}

/** Bounds of the children: a split on a constrained column keeps each side on its side of the middle (XGBoost's rule). */
export function childBounds(
  { rules, scale }: Pick<GrowTask, 'rules' | 'scale'>,
  { split, bounds }: Branch,
  sums: readonly [NodeSums, NodeSums],
): readonly [Bounds, Bounds] {
  const direction = split.codes ? 0 : (rules.monotone?.[split.slot] ?? 0)
  if (direction === 0 || split.bin < 0) return [bounds, bounds]
  const [wl, wr] = sums.map(({ gradient, hessian }) =>
    leafWeight({ gradient: gradient / scale.gradient, hessian: hessian / scale.hessian }, rules, bounds),
  ) as [number, number]
  const middle = (wl + wr) / 2
  return partBounds(bounds, direction, middle)
}
