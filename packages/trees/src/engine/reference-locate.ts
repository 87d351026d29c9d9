import { column } from './reference-search.ts'
import type { ReferenceState } from './reference.ts'

/** Cuts whose ranks are below the best by less than this share tie with it: the first wins. */
const TIE = 1e-7

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
  const group = (histogram >> 2) + (i32[(at.groupStart >> 2) + (slot >> 2)] as number) * 8
  const first = kept ? group + 2 * (slot & 3) : at.columnHistogram >> 2
  const rowsOf = (cell: number): number => (counted ? (i32[cell + 2] as number) : 0)
  const missing = { h: i32[first] as number, g: i32[first + 1] as number, n: rowsOf(first) }
  const s = hessian + 2 * l2
  const allowed = (h: number, n: number): boolean =>
    h >= minHessian && h <= hessian - minHessian && (!counted || (n >= minRows && n <= to - from - minRows))
  const left = { g: 0, h: 0, n: 0 }
  const cuts: { readonly cut: number; readonly g: number; readonly h: number; readonly rank: number }[] = []
  for (let bin = 0; bin < bins; bin++) {
    const cell = first + (bin + 1) * (kept ? 8 : 4)
    if (i32[cell] === 0 && i32[cell + 1] === 0) continue
    left.h += i32[cell] as number
    left.g += i32[cell + 1] as number
    left.n += rowsOf(cell)
    for (let side = 0; side < (missing.h === 0 && missing.g === 0 ? 1 : 2); side++) {
      const g = left.g + side * missing.g
      const h = left.h + side * missing.h
      const a = h + l2
      const d = g - a * (gradient / s)
      if (d * d <= noise || !allowed(h, left.n + side * missing.n)) continue
      cuts.push({ cut: 2 * bin + side, g, h, rank: (d * d) / (a * (s - a)) })
    }
  }
  f64[(at.found >> 3) + 2] = missing.h
  const largest = cuts.reduce((most, { rank }) => Math.max(most, rank), 0)
  const best = cuts.find(({ rank }) => rank >= largest * (1 - TIE))
  if (best === undefined || largest <= minRank) return -1
  f64.set([best.g, best.h, missing.h, best.rank], at.found >> 3)
  return best.cut
}
