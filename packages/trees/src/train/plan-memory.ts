import { layoutOf } from '../engine/layout.ts'
import type { EngineLayout } from '../engine/layout.ts'
import type { TrainSettings } from './options.ts'

/** Where everything lies for heads trained `regions` at a time, each by a team of threads. */
export function planMemory(
  shape: Parameters<typeof layoutOf>[0],
  { maxDepth, maxLeaves }: TrainSettings,
  regions: number,
  team = 1,
): EngineLayout {
  const open = maxLeaves === Infinity ? maxDepth : Math.min(maxLeaves, 2 ** maxDepth)
  return layoutOf(shape, { regions, histograms: open + 2, team })
}
