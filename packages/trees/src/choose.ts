import { SCAN } from './engine/kernel.ts'
import { locateCategories } from './categories.ts'
import { factsOf, gainBound, isRestricted, locate } from './split.ts'
import type { NodeFacts, SearchNode, Split, SplitContext } from './split.ts'

/** What a search may use beside the node. */
export interface ChooseContext extends SplitContext {
  /** Slots of categorical columns. */
  readonly categorical: readonly number[]
}

/**
 * Scans a node's histogram (less the sibling's, which is also stored in it unless `keep` is false) and returns its best
 * split over the allowed slots, or undefined where none gains more than `minSplitGain`. A scan in 32 bits ranks the
 * columns; the best one's cut is located in 64. Where rules beyond the ridge apply, a rank only bounds the gain, and
 * columns are located in the order of their bounds until none can be better: the result is the best of all. With equal
 * ranks the first column wins.
 */
export function chooseSplit(
  node: SearchNode & { readonly keep: boolean },
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const { engine, rules, scale } = context
  const rows = node.to - node.from
  const facts = factsOf(node.sums, rows, rules, scale)
  const mode = node.minus === 0 ? SCAN.plain : node.keep ? SCAN.subtract : SCAN.subtractOnly
  engine.scan({
    histogram: node.histogram,
    sibling: node.minus,
    mode,
    gradient: node.sums.gradient,
    hessian: node.sums.hessian,
    l2: facts.l2,
    leastHessian: facts.least,
    rows,
  })
  const stored = { ...node, minus: mode === SCAN.subtract ? 0 : node.minus }
  const best = bestOf(stored, facts, allowed, context)
  return best !== undefined && best.gain > rules.minSplitGain ? best : undefined
}

function bestOf(
  node: SearchNode,
  facts: NodeFacts,
  allowed: Uint8Array | undefined,
  context: ChooseContext,
): Split | undefined {
  const { gains } = context.engine.views
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
