import { locateCategories } from './split-categories.ts'
import { gainBound, isRestricted, locate } from './locate-split.ts'
import type { NodeStatistics, SearchNode, Split, SplitContext } from './locate-split.ts'

/** What a search may use beside the node. */
export interface ChooseContext extends SplitContext {
  /** Slots of categorical columns. */
  readonly categorical: readonly number[]
}

/**
 * The best split of a node over the allowed slots, or undefined where none gains more than `minSplitGain`. `ranks` are what
 * the kernel's search wrote for it, and are used up. A search in 32 bits ranks the columns; the best one's cut is located in
 * 64. A rank only bounds the gain (of the cuts between cells, where bins share them): its cut may leave too few rows on a side,
 * or break a rule beyond the ridge. So columns are located in the order of their bounds until none can be better. With equal ranks the first column wins.
 */
export function chooseSplit(
  node: SearchNode,
  statistics: NodeStatistics,
  ranks: Float32Array,
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const best = bestOf(node, statistics, ranks, allowed, context)
  return best !== undefined && best.gain > context.rules.minSplitGain ? best : undefined
}

function bestOf(
  node: SearchNode,
  statistics: NodeStatistics,
  gains: Float32Array,
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const { kernel } = context.engine
  const next = (): number => kernel.bestColumn(gains.byteOffset, gains.length)
  let best: Split | undefined
  for (const slot of context.categorical) {
    gains[slot] = 0
    if (allowed?.[slot] === 0) continue
    const found = locateCategories(slot, node, context)
    if (found && found.gain > (best?.gain ?? 0)) best = found
  }
  if (allowed) for (let slot = 0; slot < gains.length; slot++) if (allowed[slot] === 0) gains[slot] = 0
  const restricted = isRestricted(context.rules, node.bounds)
  for (let slot = next(); slot >= 0; slot = next()) {
    const rank = gains[slot] as number
    const bound = restricted
      ? gainBound(rank, statistics, node, context)
      : (statistics.total * rank * (1 - SLACK) - statistics.offset) * context.scale.gain
    if (best && bound <= best.gain) return best
    gains[slot] = 0
    const found = locate(slot, node, statistics, context, best?.gain ?? 0)
    if (found && found.gain > (best?.gain ?? 0)) best = found
  }
  return best
}

/** A column whose rank is above the best gain by less than this share is not located: 32 bits may be wrong by as much. */
const SLACK = 1e-4
