import { loadWasm } from '@breakwater/formats'
import type { WasmModule } from '@breakwater/formats'

export { startWasm as startKernel, wasmMemory as kernelMemory } from '@breakwater/formats'
export type { WasmMemory as KernelMemory, WasmModule as KernelModule } from '@breakwater/formats'

/** Name of a kernel: `kernel/<name>.as.ts` is its source, `<name>.wasm` its binary. */
export type KernelName = 'score' | 'train'

const loaded = new Map<KernelName, WasmModule | undefined>()

/**
 * The kernel, read from beside this module and compiled, once; undefined where it cannot be (`loadWasm`). The caller then
 * runs the kernel's plain twin.
 */
export function loadKernel(name: KernelName): WasmModule | undefined {
  // The build copies the binaries beside every module that this file may be bundled into.
  if (!loaded.has(name)) loaded.set(name, loadWasm(new URL(`./${name}.wasm`, import.meta.url)))
  return loaded.get(name)
}
