// The column to locate next.
import { COLUMN_TIE } from './constants.as'
import { columnOf, groups } from './region.as'

/**
 * The slot of the largest rank above 0 of the first `slots`, of those that tie the first column's; -1 where there is none.
 * Clears the ranks behind them: a lane that no column has may be ranked above 0 by what 32 bits round.
 */
export function bestColumn(ranks: usize, slots: i32): i32 {
  const end = ranks + ((<usize>groups) << 4)
  for (let at = ranks + ((<usize>slots) << 2); at < end; at += 4) store<f32>(at, 0)
  let maxima = f32x4.splat(0)
  for (let at = ranks; at < end; at += 16) maxima = f32x4.pmax(maxima, v128.load(at))
  maxima = f32x4.pmax(maxima, v128.shuffle<i32>(maxima, maxima, 2, 3, 0, 1))
  const largest = max(f32x4.extract_lane(maxima, 0), f32x4.extract_lane(maxima, 1))
  if (largest == 0) return -1
  const bar = largest * (1 - COLUMN_TIE)
  const bars = f32x4.splat(bar)
  let best = -1
  let first = i32.MAX_VALUE
  for (let at = ranks; at < end; at += 16) {
    if (!v128.any_true(f32x4.ge(v128.load(at), bars))) continue
    for (let lane = 0; lane < 4; lane++) {
      const slot = <i32>((at - ranks) >> 2) + lane
      if (load<f32>(at + ((<usize>lane) << 2)) < bar) continue
      const column = load<i32>(columnOf + ((<usize>slot) << 2))
      if (column >= first) continue
      first = column
      best = slot
    }
  }
  return best
}
