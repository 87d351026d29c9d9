// The best cut of one column, in 64 bits.
import { column } from './histogram.as'
import { columnCells, columnRows, found, groupStart } from './region.as'

/** Two cuts whose ranks differ by less than this share tie: the first wins. */
const TIE: f64 = 1e-7

/**
 * Finds the cut with the largest d^2 / (A (S - A)) that leaves `leastHessian` and `leastRows` on both sides and whose d^2 is
 * above `noise`. Returns twice its value bin, plus 1 where missing values go left, or -1. Writes left gradient, left
 * hessian, missing hessian and the rank to `found`. Cuts ascend, each with missing values right, then left.
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
  leastHessian: f64,
  leastRows: i32,
  noise: f64,
): i32 {
  const counted = leastRows > 1
  if (histogram == 0 || counted) column(from, to, slot)
  let at = columnCells
  let step: usize = 8
  if (histogram != 0 && !counted) {
    at = histogram + ((<usize>load<u32>(groupStart + ((<usize>(slot >> 2)) << 2))) << 5) + ((<usize>(slot & 3)) << 3)
    step = 32
  }
  const missing = load<i64>(at)
  const missingG = <f64>(<i32>(missing >> 32))
  const missingH = <f64>(<i32>(missing & 0xffffffff))
  const missingRows = counted ? load<i32>(columnRows) : 0
  const mostRows = to - from - leastRows
  const most = hessian - leastHessian
  const s = hessian + 2 * l2
  const mean = gradient / s
  let sum: i64 = 0
  let rows: i32 = 0
  let rank: f64 = 0
  let bar: f64 = 0
  let result = -1
  for (let bin = 0; bin < bins; bin++) {
    at += step
    const cell = load<i64>(at)
    if (cell == 0) continue
    sum += cell
    if (counted) rows += load<i32>(columnRows + ((<usize>(bin + 1)) << 2))
    let g = <f64>(<i32>(sum >> 32))
    let h = <f64>(<i32>(sum & 0xffffffff))
    let n = rows
    for (let side = 0; side < 2; side++) {
      if (side == 1) {
        if (missing == 0) break
        g += missingG
        h += missingH
        n += missingRows
      }
      const a = h + l2
      const d = g - a * mean
      const squared = d * d
      const product = a * (s - a)
      if (squared <= bar * product || squared <= noise) continue
      if (h < leastHessian || h > most || (counted && (n < leastRows || n > mostRows))) continue
      rank = squared / product
      bar = rank * (1 + TIE)
      result = (bin << 1) + side
      store<f64>(found, g)
      store<f64>(found, h, 8)
    }
  }
  store<f64>(found, missingH, 16)
  store<f64>(found, rank, 24)
  return result
}
