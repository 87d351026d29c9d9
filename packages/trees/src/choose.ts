import { locateCategories } from './categories.ts'
import { gainBound, isRestricted, locate } from './split.ts'
import type { NodeFacts, SearchNode, Split, SplitContext } from './split.ts'

/** What a search may use beside the node. */
export interface ChooseContext extends SplitContext {
  /** Slots of categorical columns. */
  readonly categorical: readonly number[]
}

/**
 * The best split of a node over the allowed slots, or undefined where none gains more than `minSplitGain`. `ranks` are what
 * the kernel's search wrote for it, and are used up. A search in 32 bits ranks the columns; the best one's cut is located in
 * 64. Where rules beyond the ridge apply, a rank only bounds the gain, and columns are located in the order of their
 * bounds until none can be better: the result is the best of all. With equal ranks the first column wins.
 */
export function chooseSplit(
  node: SearchNode,
  facts: NodeFacts,
  ranks: Float32Array,
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const best = bestOf(node, facts, ranks, allowed, context)
  return best !== undefined && best.gain > context.rules.minSplitGain ? best : undefined
}

function bestOf(
  node: SearchNode,
  facts: NodeFacts,
  gains: Float32Array,
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const next = (): number => strongest(gains, context.engine.layout.columnOf, allowed)
  let best: Split | undefined
  for (const slot of context.categorical) {
    gains[slot] = 0
    if (allowed?.[slot] === 0) continue
    const found = locateCategories(slot, node, context)
    if (found && found.gain > (best?.gain ?? 0)) best = found
  }
  const bounded = isRestricted(context.rules, node.bounds)
  for (let slot = next(); slot >= 0; slot = next()) {
    if (best && gainBound(gains[slot] as number, facts, node, context) <= best.gain) return best
    gains[slot] = 0
    const found = locate(slot, node, facts, context)
    if (found && found.gain > (best?.gain ?? 0)) best = found
    if (found && !bounded) return best
  }
  return best
}

/** Columns whose ranks differ by less than this share tie: 32 bits cannot tell them apart. */
const TIE = 1e-5

/** The allowed slot of the largest rank above 0, of equals the first column's; -1 where there is none. */
function strongest(gains: Float32Array, columnOf: Int32Array, allowed: Uint8Array | undefined): number {
  let most = 0
  for (let slot = 0; slot < gains.length; slot++) {
    const rank = gains[slot] as number
    if (rank > most && (allowed === undefined || allowed[slot] !== 0)) most = rank
  }
  if (most === 0) return -1
  const least = most * (1 - TIE)
  let best = -1
  for (let slot = 0; slot < gains.length; slot++) {
    if ((gains[slot] as number) < least || allowed?.[slot] === 0) continue
    if (best < 0 || (columnOf[slot] as number) < (columnOf[best] as number)) best = slot
  }
  return best
}
