import { BEST_CUT, COLUMN_TIE, CUT_TIE } from './kernel.ts'
import { column } from './reference-search.ts'
import type { ReferenceState } from './reference-state.ts'
import { BIN_WORDS } from './resolution.ts'

const { fround } = Math

/** See `Kernel.bestColumn`. */
export function bestColumn({ f32, i32, at }: ReferenceState, ranks: number, slots: number): number {
  const own = f32.subarray(ranks >> 2, (ranks >> 2) + 4 * at.groups)
  own.fill(0, slots)
  const largest = own.reduce((max, rank) => (max < rank ? rank : max), 0)
  if (largest === 0) return -1
  const bar = fround(largest * fround(1 - fround(COLUMN_TIE)))
  const columnOf = (slot: number): number => i32[(at.columnOf >> 2) + slot] as number
  let best = -1
  for (const [slot, rank] of own.entries()) {
    if (rank >= bar && (best < 0 || columnOf(slot) < columnOf(best))) best = slot
  }
  return best
}

/** See `Kernel.locate`. */
export function locate(
  state: ReferenceState,
  from: number,
  to: number,
  slot: number,
  histogram: number,
  bins: number,
  gradient: number,
  hessian: number,
  l2: number,
  minHessian: number,
  minRows: number,
  noise: number,
  minRank: number,
): number {
  const { i32, f64, at } = state
  const counted = minRows > 1
  if (histogram === 0 || counted) column(state, from, to, slot)
  const kept = histogram !== 0 && !counted
  const group = (histogram >> 2) + (i32[(at.groupStart >> 2) + (slot >> 2)] as number) * BIN_WORDS
  const first = kept ? group + 2 * (slot & 3) : at.columnHistogram >> 2
  const rowsOf = (bin: number): number => (counted ? (i32[bin + 2] as number) : 0)
  const missing = { h: i32[first] as number, g: i32[first + 1] as number, n: rowsOf(first) }
  const s = hessian + 2 * l2
  const allowed = (h: number, n: number): boolean =>
    h >= minHessian && h <= hessian - minHessian && (!counted || (n >= minRows && n <= to - from - minRows))
  const left = { g: 0, h: 0, n: 0 }
  const cuts: { readonly cut: number; readonly g: number; readonly h: number; readonly rank: number }[] = []
  for (let value = 0; value < bins; value++) {
    const bin = first + (value + 1) * (kept ? BIN_WORDS : 4)
    if (i32[bin] === 0 && i32[bin + 1] === 0) continue
    left.h += i32[bin] as number
    left.g += i32[bin + 1] as number
    left.n += rowsOf(bin)
    for (let side = 0; side < (missing.h === 0 && missing.g === 0 ? 1 : 2); side++) {
      const g = left.g + side * missing.g
      const h = left.h + side * missing.h
      const a = h + l2
      const d = g - a * (gradient / s)
      if (d * d <= noise || !allowed(h, left.n + side * missing.n)) continue
      cuts.push({ cut: 2 * value + side, g, h, rank: (d * d) / (a * (s - a)) })
    }
  }
  const out = at.bestCut >> 3
  f64[out + BEST_CUT.missingHessian] = missing.h
  const largest = cuts.reduce((max, { rank }) => Math.max(max, rank), 0)
  const best = cuts.find(({ rank }) => rank >= largest * (1 - CUT_TIE))
  if (best === undefined || largest <= minRank) return -1
  f64[out + BEST_CUT.gradient] = best.g
  f64[out + BEST_CUT.hessian] = best.h
  f64[out + BEST_CUT.rank] = best.rank
  return best.cut
}
