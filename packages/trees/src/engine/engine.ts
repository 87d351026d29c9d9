import { startWasm } from '@breakwater/formats'
import type { WasmModule } from '@breakwater/formats'
import type { Kernel } from './kernel.ts'
import type { EngineLayout, Region } from './layout.ts'
import { loadKernel } from './load-kernel.ts'
import { viewsOf } from './memory.ts'
import type { EngineMemory, RegionViews } from './memory.ts'
import { CONTROL_WORDS, leadSearch, serveRequests } from './pool.ts'
import type { ThreadPool } from './pool.ts'
import { createReferenceKernel } from './reference.ts'

/** A kernel at work on one region: what a head is trained with. */
export interface Engine {
  readonly layout: EngineLayout
  readonly region: Region
  readonly views: RegionViews
  readonly kernel: Kernel
  /** `Kernel.search` for all blocks; a pool of threads may share the work. */
  readonly search: (from: number, to: number, histogram: number, parent: number, flags: number) => void
}

/** The compiled training kernel; undefined where it cannot be loaded, and the reference runs instead. */
export function loadTrainingKernel(): WasmModule | undefined {
  // The build copies the binary beside the module that this file is bundled into.
  return loadKernel(new URL('./train.wasm', import.meta.url))
}

/** The kernel on this memory: the compiled one where there is one, else the reference. */
export function createKernel(memory: EngineMemory, compiled: WasmModule | undefined): Kernel {
  if (compiled === undefined || memory.wasm === undefined) return createReferenceKernel(memory.buffer)
  return startWasm(compiled, memory.wasm) as Kernel
}

/** The engine of region `index`, for the thread that leads its pool. */
export function createEngine(
  memory: EngineMemory,
  layout: EngineLayout,
  index: number,
  compiled: WasmModule | undefined,
): Engine {
  const region = layout.regions[index] as Region
  const kernel = createKernel(memory, compiled)
  kernel.attach(region.table)
  return {
    layout,
    region,
    kernel,
    views: viewsOf(memory.buffer, region, layout.columnOf.length),
    search: leadSearch(poolOf(memory, layout, region), kernel),
  }
}

/** Works in the pool of region `index` until the thread is stopped; `thread` counts from 1, the leader being 0. */
export function runWorker(
  memory: EngineMemory,
  layout: EngineLayout,
  index: number,
  thread: number,
  compiled: WasmModule | undefined,
): never {
  const region = layout.regions[index] as Region
  const kernel = createKernel(memory, compiled)
  kernel.attach(region.workers[thread - 1]?.table ?? region.table)
  return serveRequests(poolOf(memory, layout, region), thread, kernel)
}

function poolOf(memory: EngineMemory, { searched }: EngineLayout, region: Region): ThreadPool {
  return {
    control: new Int32Array(memory.buffer, region.control, CONTROL_WORDS),
    threads: region.workers.length + 1,
    blocks: searched,
  }
}
