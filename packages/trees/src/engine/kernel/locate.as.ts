// The best cut of one column, in 64 bits.
import {
  BEST_CUT_GRADIENT,
  BEST_CUT_HESSIAN,
  BEST_CUT_MISSING_HESSIAN,
  BEST_CUT_RANK,
  CODES,
  CUT_TIE,
} from './constants.as'
import { column } from './histogram.as'
import { bestCut, columnHistogram, groupStart } from './region.as'

/** Bytes from the sums up to a bin to the ranks of the cut behind it. */
const RANKS: usize = CODES << 4

/**
 * Writes the sums up to each filled bin to `columnHistogram`, behind that of missing values: packed sums, rows and the bin, 16
 * bytes each. Returns where they end. Branches on empty bins would be guesses.
 */
function sumsOf(histogram: usize, stride: usize, bins: i32, counted: bool): usize {
  let out = columnHistogram + 16
  let at = histogram
  let sums = i64x2.splat(0)
  let place = i32x4.splat(0)
  for (let bin = 0; bin < bins; bin++) {
    at += stride
    const filled = load<i64>(at)
    sums = i64x2.add(sums, counted ? v128.load(at) : v128.load_zero<u64>(at))
    v128.store(out, v128.or(sums, place))
    place = i32x4.add(place, i32x4(0, 0, 0, 1))
    out += (<usize>(filled != 0)) << 4
  }
  return out
}

/**
 * Finds the cut with the largest d^2 / (A (S - A)) that leaves `minHessian` and `minRows` on both sides and whose d^2 is
 * above `noise`, if that rank is above `minRank`. Returns twice its value bin, plus 1 where missing values go left, or -1.
 * Writes left gradient, left hessian, missing hessian and the rank to `bestCut`. Cuts ascend, each with missing values right,
 * then left. All are ranked before the first of the best is sought: which cut is better than those before is no branch.
 */
export function locate(
  from: i32,
  to: i32,
  slot: i32,
  histogram: usize,
  bins: i32,
  gradient: f64,
  hessian: f64,
  l2: f64,
  minHessian: f64,
  minRows: i32,
  noise: f64,
  minRank: f64,
): i32 {
  const counted = minRows > 1
  if (histogram == 0 || counted) column(from, to, slot)
  let own = columnHistogram
  let stride: usize = 16
  if (histogram != 0 && !counted) {
    own = histogram + ((<usize>load<u32>(groupStart + ((<usize>(slot >> 2)) << 2))) << 5) + ((<usize>(slot & 3)) << 3)
    stride = 32
  }
  const missing = load<i64>(own)
  const missingG = <f64>(<i32>(missing >> 32))
  const missingH = <f64>(<i32>(missing & 0xffffffff))
  const missingRows: f64 = counted ? <f64>load<i32>(own, 8) : 0
  const end = sumsOf(own, stride, bins, counted)
  const s = hessian + 2 * l2
  const total = f64x2.splat(s)
  const mean = f64x2.splat(gradient / s)
  const penalty = f64x2.splat(l2)
  const lower = f64x2.splat(minHessian)
  const upper = f64x2.splat(hessian - minHessian)
  const minRowsPerSide = f64x2.splat(counted ? <f64>minRows : -1)
  const maxRows = f64x2.splat(counted ? <f64>(to - from - minRows) : 1)
  const rounding = f64x2.splat(noise)
  // The lanes: missing values right, and left.
  const sides = i64x2(-1, missing == 0 ? 0 : -1)
  const addedG = f64x2.replace_lane(f64x2.splat(0), 1, missingG)
  const addedH = f64x2.replace_lane(f64x2.splat(0), 1, missingH)
  const addedRows = f64x2.replace_lane(f64x2.splat(0), 1, missingRows)
  let best = f64x2.splat(0)
  for (let at = columnHistogram + 16; at < end; at += 16) {
    const sums = v128.load(at)
    const both = f64x2.convert_low_i32x4_s(sums)
    const h = f64x2.add(v128.shuffle<i64>(both, both, 0, 0), addedH)
    const g = f64x2.add(v128.shuffle<i64>(both, both, 1, 1), addedG)
    const n = f64x2.add(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums, sums, 2, 2, 2, 2)), addedRows)
    const a = f64x2.add(h, penalty)
    const d = f64x2.sub(g, f64x2.mul(a, mean))
    const squared = f64x2.mul(d, d)
    const heavy = v128.and(f64x2.ge(h, lower), f64x2.le(h, upper))
    const many = v128.and(f64x2.ge(n, minRowsPerSide), f64x2.le(n, maxRows))
    const allowed = v128.and(v128.and(heavy, many), v128.and(f64x2.gt(squared, rounding), sides))
    const rank = v128.and(f64x2.div(squared, f64x2.mul(a, f64x2.sub(total, a))), allowed)
    best = f64x2.pmax(best, rank)
    v128.store(at, rank, RANKS)
  }
  const largest = max(f64x2.extract_lane(best, 0), f64x2.extract_lane(best, 1))
  store<f64>(bestCut, missingH, BEST_CUT_MISSING_HESSIAN)
  if (largest <= minRank) return -1
  const bar = f64x2.splat(largest * (1 - CUT_TIE))
  let at = columnHistogram + 16
  while (!v128.any_true(f64x2.ge(v128.load(at, RANKS), bar))) at += 16
  const ranks = v128.load(at, RANKS)
  const onLeft = f64x2.extract_lane(ranks, 0) < f64x2.extract_lane(bar, 0)
  store<f64>(bestCut, <f64>load<i32>(at, 4) + (onLeft ? missingG : 0), BEST_CUT_GRADIENT)
  store<f64>(bestCut, <f64>load<i32>(at) + (onLeft ? missingH : 0), BEST_CUT_HESSIAN)
  store<f64>(bestCut, onLeft ? f64x2.extract_lane(ranks, 1) : f64x2.extract_lane(ranks, 0), BEST_CUT_RANK)
  return (load<i32>(at, 12) << 1) + i32(onLeft)
}
