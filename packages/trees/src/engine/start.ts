import { startKernel } from '../kernel/load.ts'
import type { KernelModule } from '../kernel/load.ts'
import type { Kernel } from './kernel.ts'
import type { EngineMemory } from './memory.ts'
import { createTwin } from './reference.ts'

/** The kernel on this memory: the compiled one where there is one, else its twin. */
export function createKernel(memory: EngineMemory, compiled: KernelModule | undefined): Kernel {
  if (compiled === undefined || memory.wasm === undefined) return createTwin(memory.buffer)
  return startKernel(compiled, memory.wasm) as Kernel
}
