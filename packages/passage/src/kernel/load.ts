import { loadWasm, startWasm, wasmMemory } from '@breakwater/formats'
import type { WasmMemory } from '@breakwater/formats'

/** The kernel's functions. Addresses are bytes in its memory; see kernel/mix.as.ts. */
export interface KernelFunctions {
  /** Writes to `out` the weighted sum of each row. */
  readonly mix: (values: number, rows: number, size: number, weights: number, out: number) => void
  /** Adds every row times its scale to `sums`. */
  readonly add: (values: number, rows: number, size: number, scales: number, sums: number) => void
  /** Writes to `out` the two sums of each question under `pairs` of factors. */
  readonly tilt: (values: number, questions: number, drifts: number, pairs: number, out: number) => void
}

/** A kernel with memory of its own. */
export interface Kernel extends KernelFunctions {
  readonly memory: WasmMemory
}

const PAGE = 65_536

/**
 * A kernel with so many bytes of memory; undefined where there is no Node or no WebAssembly SIMD (`loadWasm`), and for more bytes
 * than 32-bit addresses reach.
 */
export function startKernel(bytes: number): Kernel | undefined {
  const pages = Math.ceil(bytes / PAGE)
  // The build copies the binary beside this module.
  const module = pages > PAGE ? undefined : loadWasm(new URL('./mix.wasm', import.meta.url))
  if (module === undefined) return undefined
  const memory = wasmMemory({ initial: pages })
  return { memory, ...(startWasm(module, memory) as KernelFunctions) }
}
