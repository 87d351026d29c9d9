import { BEST_CUT } from '../../engine/kernel.ts'
import { countRows, fullHistogram, readColumnHistogram } from './column-histogram.ts'
import { isRestricted, restrictedGain } from './split-gain.ts'
import type { NodeStatistics, NodeSums, SearchNode, Split, SplitContext } from './split-gain.ts'

/** One cut of a column: its left sums, in fixed-point units. */
interface Cut extends NodeSums {
  readonly bin: number
  readonly missingLeft: boolean
}

/** Cuts of one column whose gains differ by less than this share tie: the first wins. */
const TIE = 1e-7

/**
 * The best cut of one column in 64 bits, or undefined where none is allowed or (without restriction) gains more than
 * `minGain`. Candidates in order: cuts ascending, each with missing values right, then left; all values left and missing
 * right is kept as "missing left, every value right". The first of equals wins. Where the node has no missing value in the
 * column, one that appears later goes with more hessian.
 */
export function locateSplit(
  slot: number,
  node: SearchNode,
  statistics: NodeStatistics,
  context: SplitContext,
  minGain: number,
): Split | undefined {
  if (isRestricted(context.rules, node.bounds)) return locateRestricted(slot, node, statistics, context)
  const { engine, scale } = context
  const { bestCut } = engine.views
  const histogram = fullHistogram(engine.layout, slot, node)
  const cutWith = (minRows: number): number =>
    engine.kernel.locate(
      node.from,
      node.to,
      slot,
      histogram,
      engine.layout.binsOf[slot] as number,
      statistics.gradient,
      statistics.hessian,
      statistics.l2,
      statistics.minHessian,
      minRows,
      statistics.noise,
      minGain === 0 ? 0 : (minGain / scale.gain + statistics.offset) / statistics.total,
    )
  const leftHessian = (): number => bestCut[BEST_CUT.hessian] as number
  let cut = cutWith(histogram === 0 ? statistics.minRows : 1)
  // Rows are counted only where the histogram's best cut may leave too few.
  const lightest = statistics.minRows * scale.maxHessian
  if (histogram !== 0 && cut >= 0 && Math.min(leftHessian(), statistics.hessian - leftHessian()) < lightest) {
    cut = cutWith(statistics.minRows)
  }
  if (cut < 0) return undefined
  const left = { gradient: bestCut[BEST_CUT.gradient] as number, hessian: leftHessian() }
  const gain = (statistics.total * (bestCut[BEST_CUT.rank] as number) - statistics.offset) * scale.gain
  const missingHessian = bestCut[BEST_CUT.missingHessian] as number
  return toSplit(slot, { ...left, bin: cut >> 1, missingLeft: (cut & 1) === 1 }, missingHessian, gain, node.sums)
}

/** The same by the long formula. */
function locateRestricted(
  slot: number,
  node: SearchNode,
  statistics: NodeStatistics,
  context: SplitContext,
): Split | undefined {
  const { bins, gradients, hessians } = readColumnHistogram(context.engine, slot, node, context.columnSums)
  const counts = countRows(context.engine, slot, bins, node)
  const direction = context.rules.monotone?.[slot] ?? 0
  const missing = { gradient: gradients[0] as number, hessian: hessians[0] as number }
  const left = { gradient: 0, hessian: 0, rows: 0 }
  let best: { readonly cut: Cut; readonly gain: number } | undefined
  for (let code = 1; code <= bins; code++) {
    if (counts[code] === 0) continue
    left.gradient += gradients[code] as number
    left.hessian += hessians[code] as number
    left.rows += counts[code] as number
    for (const missingLeft of counts[0] === 0 ? [false] : [false, true]) {
      const side = missingLeft ? 1 : 0
      const cut = {
        gradient: left.gradient + side * missing.gradient,
        hessian: left.hessian + side * missing.hessian,
        bin: code - 1,
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
    Math.min(hessian, sums.hessian - hessian) >= statistics.minHessian &&
    Math.min(rows, to - from - rows) >= statistics.minRows &&
    d * d > statistics.noise
  )
}

function toSplit(
  slot: number,
  { bin, missingLeft, gradient, hessian }: Cut,
  missingHessian: number,
  gain: number,
  sums: NodeSums,
): Split {
  const noMissing = missingHessian === 0
  // Every row's hessian is at least 1, so this means that every value lies left.
  if (!noMissing && !missingLeft && sums.hessian - hessian === missingHessian) {
    const left = { gradient: sums.gradient - gradient, hessian: missingHessian }
    return { slot, bin: -1, missingLeft: true, codes: undefined, gain, left }
  }
  const goesLeft = noMissing ? 2 * hessian >= sums.hessian * (1 - 1e-6) : missingLeft
  return { slot, bin, missingLeft: goesLeft, codes: undefined, gain, left: { gradient, hessian } }
}
