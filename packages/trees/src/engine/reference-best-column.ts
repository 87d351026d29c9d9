import type { ReferenceState } from './reference.ts'

/** Columns whose ranks differ by less than this share tie: 32 bits cannot tell them apart. */
const TIE = 1e-5

const { fround } = Math

/** See `Kernel.bestColumn`. */
export function bestColumn({ f32, i32, at }: ReferenceState, ranks: number, slots: number): number {
  const own = f32.subarray(ranks >> 2, (ranks >> 2) + 4 * at.groups)
  own.fill(0, slots)
  const largest = own.reduce((most, rank) => (most < rank ? rank : most), 0)
  if (largest === 0) return -1
  const least = fround(largest * fround(1 - fround(TIE)))
  const columnOf = (slot: number): number => i32[(at.columnOf >> 2) + slot] as number
  let best = -1
  for (const [slot, rank] of own.entries()) {
    if (rank >= least && (best < 0 || columnOf(slot) < columnOf(best))) best = slot
  }
  return best
}
