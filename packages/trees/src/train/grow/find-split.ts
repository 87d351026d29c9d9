import { locateSplit } from './locate-split.ts'
import { locateCategories } from './split-categories.ts'
import { gainBound, isRestricted } from './split-gain.ts'
import type { NodeStatistics, SearchNode, Split, SplitContext } from './split-gain.ts'

/** A column whose rank is above the best gain by less than this share is not located: 32 bits may be wrong by as much. */
const SLACK = 1e-4

/** What a search may use beside the node. */
export interface FindContext extends SplitContext {
  /** Slots of categorical columns. */
  readonly categorical: readonly number[]
}

/**
 * The best split of a node over the allowed slots, or undefined where none gains more than `minSplitGain`. `ranks` are what
 * the kernel's search wrote for it, and are used up. The first phase, in 32 bits, has ranked the columns; the second
 * locates the best one's cut in 64. A rank only bounds the gain (of the cuts between merged bins, where bins are merged): its
 * cut may leave too few rows on a side, or break a rule that ranks do not know. So columns are located in the order of their
 * bounds until no other can be better. Of equal ranks the first column wins.
 */
export function findSplit(
  node: SearchNode,
  statistics: NodeStatistics,
  ranks: Float32Array,
  allowed: Uint8Array | undefined,
  context: FindContext,
): Split | undefined {
  const { kernel } = context.engine
  let best: Split | undefined
  const consider = (split: Split | undefined): void => {
    if (split && split.gain > (best?.gain ?? 0)) best = split
  }
  for (const slot of context.categorical) {
    ranks[slot] = 0
    if (allowed?.[slot] !== 0) consider(locateCategories(slot, node, context))
  }
  if (allowed) for (let slot = 0; slot < ranks.length; slot++) if (allowed[slot] === 0) ranks[slot] = 0
  const boundOf = isRestricted(context.rules, node.bounds)
    ? (rank: number): number => gainBound(rank, statistics, node, context)
    : (rank: number): number => (statistics.total * rank * (1 - SLACK) - statistics.offset) * context.scale.gain
  const next = (): number => kernel.bestColumn(ranks.byteOffset, ranks.length)
  for (let slot = next(); slot >= 0; slot = next()) {
    if (best && boundOf(ranks[slot] as number) <= best.gain) break
    ranks[slot] = 0
    consider(locateSplit(slot, node, statistics, context, best?.gain ?? 0))
  }
  return best !== undefined && best.gain > context.rules.minSplitGain ? best : undefined
}
