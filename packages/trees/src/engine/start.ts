import { startKernel } from '../kernel/load.ts'
import type { KernelModule } from '../kernel/load.ts'
import type { Kernel } from './kernel.ts'
import type { EngineMemory } from './memory.ts'
import { createReferenceKernel } from './reference.ts'

/** The kernel on this memory: the compiled one where there is one, else the reference. */
export function createKernel(memory: EngineMemory, compiled: KernelModule | undefined): Kernel {
  if (compiled === undefined || memory.wasm === undefined) return createReferenceKernel(memory.buffer)
  return startKernel(compiled, memory.wasm) as Kernel
}
