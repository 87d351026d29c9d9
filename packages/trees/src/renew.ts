import type { RegionViews } from './engine/memory.ts'
import type { Leaf } from './grow.ts'
import type { NodeStore } from './node-store.ts'
import { weightedQuantile } from './objectives.ts'

/**
 * Replaces each leaf's value by the learning rate times the quantile of its rows' residuals (label minus score), within
 * its bounds: the exact line search for losses whose second derivative says nothing (Friedman 2001, section 4.2).
 */
export function renewLeaves(
  leaves: readonly Leaf[],
  q: number,
  learningRate: number,
  { order, labels, scores, weights }: Pick<RegionViews, 'order' | 'labels' | 'scores' | 'weights'>,
  store: NodeStore,
): void {
  for (const { node, from, to, bounds } of leaves) {
    const residual = weightedQuantile(
      order.subarray(from, to),
      (row) => (labels[row] as number) - (scores[row] as number),
      (row) => weights[row] as number,
      q,
    )
    store.value[node] = learningRate * Math.min(bounds.high, Math.max(bounds.low, residual))
  }
}
