import type { KernelModule } from '../kernel/load.ts'
import type { EngineLayout, Region } from './layout.ts'
import type { EngineMemory, RegionViews } from './memory.ts'
import { viewsOf } from './memory.ts'
import { createKernel } from './kernel.ts'
import type { Kernel } from './kernel.ts'

/** A kernel at work on one region: what a head is trained with. */
export interface Engine {
  readonly layout: EngineLayout
  readonly region: Region
  readonly views: RegionViews
  readonly kernel: Kernel
  /** `Kernel.search` for all blocks; a team of threads may share the work. */
  readonly search: (from: number, to: number, histogram: number, parent: number, flags: number) => void
}

/** The engine of region `index`, on the calling thread alone. */
export function createEngine(
  memory: EngineMemory,
  layout: EngineLayout,
  index: number,
  compiled: KernelModule | undefined,
): Engine {
  const region = layout.regions[index] as Region
  const kernel = createKernel(memory, compiled)
  kernel.attach(region.table)
  return {
    layout,
    region,
    kernel,
    views: viewsOf(memory.buffer, region, layout.columnOf.length),
    search: (from, to, histogram, parent, flags) => kernel.search(from, to, histogram, parent, 0, layout.blocks, flags),
  }
}
