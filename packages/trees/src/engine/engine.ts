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
  /** `Kernel.build` for all groups; a team of threads may share the work. */
  readonly build: (from: number, to: number, histogram: number, everyRow: boolean) => void
  /** `Kernel.scan` for all groups; a team of threads may share the work. */
  readonly scan: (request: ScanRequest) => void
}

/** Arguments of a scan; see `Kernel.scan`. */
export interface ScanRequest {
  readonly histogram: number
  readonly sibling: number
  readonly mode: number
  readonly gradient: number
  readonly hessian: number
  readonly l2: number
  readonly leastHessian: number
  /** Rows of the node: how much a team gains by sharing is decided by it. */
  readonly rows: number
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
  const { groups } = region
  return {
    layout,
    region,
    kernel,
    views: viewsOf(memory.buffer, region, layout.columnOf.length),
    build: (from, to, histogram, everyRow) => kernel.build(from, to, histogram, 0, groups, everyRow ? 1 : 0),
    scan: (s) => kernel.scan(s.histogram, s.sibling, s.mode, 0, groups, s.gradient, s.hessian, s.l2, s.leastHessian),
  }
}
