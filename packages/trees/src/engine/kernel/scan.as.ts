// The best cut of every column of a node, four columns in the lanes of a vector. With left sums g and A = h + l2, node sums G
// and S = H + 2 l2, the gain of a cut is S d^2 / (A (S - A)) minus a constant of the node, where d = g - A G / S. So cuts
// rank by d^2 / (A (S - A)); 32 bits are enough to choose a column, whose cut is then located in 64.
import { FEW_MISSING } from './constants.as'
import { histogramOffset, histogramBins, shiftFor } from './resolution.as'
import { groups } from './region.as'

// Each of the six kinds of pass is compiled on its own: its kind is a type argument, told apart by size.
type Plain = i8
type Subtract = i16
type SubtractOnly = i32
type None = i8
type Some = i16

export const PLAIN: i32 = 0
export const SUBTRACT: i32 = 1
export const SUBTRACT_ONLY: i32 = 2

// Constants of the node, in every lane.
let total: v128 = f32x4.splat(0)
let mean: v128 = f32x4.splat(0)
let minSide: v128 = f32x4.splat(0)
let penalty: v128 = f32x4.splat(0)

/** What the scans of one node share: its sums, and what each side of a cut needs. Fixed-point units. */
export function setNode(gradient: f64, hessian: f64, minHessian: f64, l2: f64): void {
  const s = hessian + 2 * l2
  total = f32x4.splat(<f32>s)
  mean = f32x4.splat(<f32>(gradient / s))
  // 32 bits of the node's sum cannot tell sides nearer than this; the cut is checked when it is located.
  minSide = f32x4.splat(<f32>(max(minHessian / 2, minHessian - s / 4194304) + l2))
  penalty = f32x4.splat(<f32>l2)
}

/**
 * Writes to `out` each column's largest d^2 / (A (S - A)) in a block, 0 where no cut is allowed. With a sibling, the node's
 * histogram is `bins - sibling`; SUBTRACT also stores it in `bins`.
 */
export function scanBlock(block: i32, bins: usize, sibling: usize, mode: i32, nodeRows: i32, out: usize): void {
  const first = block << 2
  const end = min(first + 4, groups)
  const base = histogramOffset(first)
  for (let group = first; group < end; group++) {
    const at = histogramOffset(group) - base
    const shift = shiftFor(group, nodeRows)
    const few = shift == 0 ? f32x4.splat(0) : f32x4.mul(total, f32x4.splat(FEW_MISSING))
    v128.store(out + ((<usize>group) << 4), scanGroup(bins + at, sibling + at, mode, histogramBins(group, shift), few))
  }
}

/** Missing values of no more hessian than `few`, in every lane, are ranked on the right alone. */
function scanGroup(bins: usize, other: usize, mode: i32, count: i32, few: v128): v128 {
  let low = v128.load(bins)
  let high = v128.load(bins, 16)
  if (mode != PLAIN) {
    low = i64x2.sub(low, v128.load(other))
    high = i64x2.sub(high, v128.load(other, 16))
  }
  if (mode == SUBTRACT) {
    v128.store(bins, low)
    v128.store(bins, high, 16)
  }
  const g = gradientsOf(low, high)
  const h = hessiansOf(low, high)
  const missing = v128.any_true(f32x4.gt(h, few))
  if (mode == PLAIN) {
    return missing ? pass<Plain, Some>(bins, 0, count, g, h) : pass<Plain, None>(bins, 0, count, g, h)
  }
  if (mode == SUBTRACT) {
    if (missing) return pass<Subtract, Some>(bins, other, count, g, h)
    return pass<Subtract, None>(bins, other, count, g, h)
  }
  if (missing) return pass<SubtractOnly, Some>(bins, other, count, g, h)
  return pass<SubtractOnly, None>(bins, other, count, g, h)
}

function gradientsOf(low: v128, high: v128): v128 {
  return f32x4.convert_i32x4_s(v128.shuffle<i32>(low, high, 1, 3, 5, 7))
}

function hessiansOf(low: v128, high: v128): v128 {
  return f32x4.convert_i32x4_s(v128.shuffle<i32>(low, high, 0, 2, 4, 6))
}

/** d^2 / (A (S - A)), or 0 where a side is too light. */
function rank(g: v128, a: v128, s: v128, m: v128, limit: v128): v128 {
  const b = f32x4.sub(s, a)
  const d = f32x4.sub(g, f32x4.mul(a, m))
  return v128.and(f32x4.div(f32x4.mul(d, d), f32x4.mul(a, b)), f32x4.ge(f32x4.pmin(a, b), limit))
}

/** One pass over the `count` bins of a group's values, ranking the cut after each. */
function pass<Mode, Missing>(bins: usize, other: usize, count: i32, missingG: v128, missingH: v128): v128 {
  const s = total
  const m = mean
  const limit = minSide
  const l2 = penalty
  let best = f32x4.splat(0)
  let sumLow = i64x2.splat(0)
  let sumHigh = i64x2.splat(0)
  let at = bins + 32
  let from = other + 32
  const end = at + ((<usize>count) << 5)
  while (at < end) {
    let low = v128.load(at)
    let high = v128.load(at, 16)
    if (sizeof<Mode>() != sizeof<Plain>()) {
      low = i64x2.sub(low, v128.load(from))
      high = i64x2.sub(high, v128.load(from, 16))
      from += 32
    }
    if (sizeof<Mode>() == sizeof<Subtract>()) {
      v128.store(at, low)
      v128.store(at, high, 16)
    }
    sumLow = i64x2.add(sumLow, low)
    sumHigh = i64x2.add(sumHigh, high)
    at += 32
    const g = gradientsOf(sumLow, sumHigh)
    const a = f32x4.add(hessiansOf(sumLow, sumHigh), l2)
    best = f32x4.pmax(best, rank(g, a, s, m, limit))
    if (sizeof<Missing>() == sizeof<Some>()) {
      best = f32x4.pmax(best, rank(f32x4.add(g, missingG), f32x4.add(a, missingH), s, m, limit))
    }
  }
  return best
}
