import { countRows, readColumnHistogram } from './column-histogram.ts'
import { restrictedGain, roundingOf } from './split-gain.ts'
import type { NodeSums, SearchNode, Split, SplitContext } from './split-gain.ts'

/** Added to a category's hessian when categories are ordered, so that rare ones do not lead (LightGBM's cat_smooth). */
const CATEGORY_SMOOTHING = 10
/** Added to l2 in the gain of a set of categories (LightGBM's cat_l2). */
const CATEGORY_L2 = 10
/** Categories that a set holds at most (LightGBM's max_cat_threshold). */
const MAX_SET_SIZE = 32
/** Up to as many categories are tried one against the rest, without the extra l2 (LightGBM's max_cat_to_onehot). */
const ONE_AGAINST_REST = 4

/** Sums and rows of a category, or of a set of them. */
interface Category extends NodeSums {
  readonly code: number
  readonly rows: number
}

/** The best set so far: the first `size` of `ordered`. */
interface CategorySet {
  readonly gain: number
  readonly ordered: readonly Category[]
  readonly size: number
  readonly missingLeft: boolean
  readonly left: NodeSums
}

/** What sets are compared in. */
interface SetSearch {
  readonly node: SearchNode
  readonly context: SplitContext
  readonly missing: Category
}

/**
 * The best set of categories to send left. Few categories: each against the rest. More: they are ordered by gradient over
 * hessian, where for a convex loss the best of all subsets is a prefix (Fisher 1958), and prefixes are tried from both
 * ends. Missing values go to the side that gains more. The last bin gathers rare and unseen categories and always goes
 * right. Rare categories overfit, hence CATEGORY_SMOOTHING, CATEGORY_L2 and MAX_SET_SIZE. Undefined where no set is allowed. Cost: O(k log k) for k
 * categories, and the node's rows.
 */
export function locateCategories(slot: number, node: SearchNode, context: SplitContext): Split | undefined {
  const { bins, gradients, hessians } = readColumnHistogram(context.engine, slot, node, context.columnSums)
  const counts = countRows(context.engine, slot, bins, node)
  const categoryOf = (code: number): Category => ({
    code,
    rows: counts[code] as number,
    gradient: gradients[code] as number,
    hessian: hessians[code] as number,
  })
  const present = Array.from({ length: bins - 1 }, (_, b) => categoryOf(b + 1)).filter(({ rows }) => rows > 0)
  if (present.length === 0) return undefined
  const few = present.length <= ONE_AGAINST_REST
  const rules = few ? context.rules : { ...context.rules, l2: context.rules.l2 + CATEGORY_L2 }
  const search: SetSearch = { node, context: { ...context, rules }, missing: categoryOf(0) }
  let best: CategorySet | undefined
  for (const ordered of few ? present.map((category) => [category]) : bothOrders(present, context)) {
    best = bestPrefix(ordered, search, best)
  }
  return best && toSplit(slot, best, bins)
}

function bothOrders(present: readonly Category[], { scale }: SplitContext): readonly (readonly Category[])[] {
  const smooth = CATEGORY_SMOOTHING * scale.hessian
  const ratio = ({ gradient, hessian }: Category): number => gradient / (hessian + smooth)
  const sorted = present.toSorted((a, b) => ratio(a) - ratio(b) || a.code - b.code)
  return [sorted, sorted.toReversed()]
}

/** The better of `best` and the prefixes of `ordered`. */
function bestPrefix(
  ordered: readonly Category[],
  search: SetSearch,
  best: CategorySet | undefined,
): CategorySet | undefined {
  let result = best
  let left: Category = { code: 0, rows: 0, gradient: 0, hessian: 0 }
  for (const [i, category] of ordered.slice(0, MAX_SET_SIZE).entries()) {
    left = plus(left, category)
    for (const missingLeft of search.missing.rows > 0 ? [false, true] : [false]) {
      const sums = missingLeft ? plus(left, search.missing) : left
      const gain = allowed(sums, search) ? restrictedGain(sums, 0, search.node, search.context) : 0
      if (gain > (result?.gain ?? 0)) {
        result = { gain, ordered, size: i + 1, missingLeft, left: { gradient: sums.gradient, hessian: sums.hessian } }
      }
    }
  }
  return result
}

function plus(a: Category, b: Category): Category {
  return { code: 0, rows: a.rows + b.rows, gradient: a.gradient + b.gradient, hessian: a.hessian + b.hessian }
}

/** Whether a set leaves enough on both sides, and more than rounding between them. */
function allowed({ rows, gradient, hessian }: Category, { node, context }: SetSearch): boolean {
  const { minRowsPerLeaf, minChildWeight, l2 } = context.rules
  const { from, to, sums } = node
  const penalty = l2 * context.scale.hessian
  const d = gradient - ((hessian + penalty) * sums.gradient) / (sums.hessian + 2 * penalty)
  return (
    Math.min(rows, to - from - rows) >= minRowsPerLeaf &&
    Math.min(hessian, sums.hessian - hessian) >= Math.max(1, minChildWeight * context.scale.hessian) &&
    d * d > roundingOf(to - from)
  )
}

function toSplit(slot: number, { gain, ordered, size, missingLeft, left }: CategorySet, bins: number): Split {
  const codes = new Uint8Array(256)
  codes[0] = missingLeft ? 1 : 0
  for (const { code } of ordered.slice(0, size)) if (code <= bins) codes[code] = 1
  return { slot, bin: 0, missingLeft, codes, gain, left }
}
