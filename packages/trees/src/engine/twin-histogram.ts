import type { TwinState } from './twin.ts'

/** See `Kernel.build`. A cell is two integers: hessians, then gradients. */
export function build(
  { u8, i32, at }: TwinState,
  from: number,
  to: number,
  histogram: number,
  firstGroup: number,
  endGroup: number,
  everyRow: number,
): void {
  const startOf = (group: number): number => histogram + (i32[(at.groupStart >> 2) + group] as number) * 32
  i32.fill(0, startOf(firstGroup) >> 2, startOf(endGroup) >> 2)
  for (let group = firstGroup; group < endGroup; group++) {
    const cells = startOf(group) >> 2
    for (let i = from; i < to; i++) {
      const row = everyRow === 0 ? (i32[(at.order >> 2) + i] as number) : i
      const derivatives = (at.packed >> 2) + 2 * row
      const codes = at.rowBins + row * at.stride + 4 * group
      for (let lane = 0; lane < 4; lane++) {
        const cell = cells + (u8[codes + lane] as number) * 8 + 2 * lane
        i32[cell] = (i32[cell] as number) + (i32[derivatives] as number)
        i32[cell + 1] = (i32[cell + 1] as number) + (i32[derivatives + 1] as number)
      }
    }
  }
}
