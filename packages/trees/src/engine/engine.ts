import type { KernelModule } from '../kernel/load.ts'
import type { EngineLayout, Region } from './layout.ts'
import type { EngineMemory, RegionViews } from './memory.ts'
import { viewsOf } from './memory.ts'
import { createKernel } from './start.ts'
import type { Kernel } from './kernel.ts'
import { CONTROL, leadSearch, serve } from './pool.ts'
import type { Team } from './pool.ts'

/** A kernel at work on one region: what a head is trained with. */
export interface Engine {
  readonly layout: EngineLayout
  readonly region: Region
  readonly views: RegionViews
  readonly kernel: Kernel
  /** `Kernel.search` for all blocks; a team of threads may share the work. */
  readonly search: (from: number, to: number, histogram: number, parent: number, flags: number) => void
}

/** The engine of region `index`, for the thread that leads its team. */
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
    search: leadSearch(teamOf(memory, layout, region), kernel),
  }
}

/** Serves in the team of region `index` until the thread is stopped; `member` counts from 1. */
export function serveTeam(
  memory: EngineMemory,
  layout: EngineLayout,
  index: number,
  member: number,
  compiled: KernelModule | undefined,
): never {
  const region = layout.regions[index] as Region
  const kernel = createKernel(memory, compiled)
  kernel.attach(region.members[member - 1]?.table ?? region.table)
  return serve(teamOf(memory, layout, region), member, kernel)
}

function teamOf(memory: EngineMemory, { blocks }: EngineLayout, region: Region): Team {
  return {
    control: new Int32Array(memory.buffer, region.control, CONTROL),
    members: region.members.length + 1,
    blocks,
  }
}
