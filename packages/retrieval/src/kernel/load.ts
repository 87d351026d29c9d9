import { loadWasm, startWasm, wasmMemory } from '@breakwater/formats'
import type { WasmMemory } from '@breakwater/formats'

/** What the kernel works in; threads share it. */
export type KernelMemory = WasmMemory<SharedArrayBuffer>

/** The kernel's functions. Addresses are bytes in its memory; see kernel/near.as.ts. */
export interface KernelFunctions {
  /** Writes to `out` pairs of a row and its squared distance in steps, where that is at most `most`; returns how many. */
  readonly near: (
    codes: number,
    from: number,
    to: number,
    stride: number,
    query: number,
    most: number,
    out: number,
  ) => number
}

/** A compiled kernel. */
export interface Kernel {
  readonly allocate: (bytes: number) => KernelMemory
  readonly bind: (memory: KernelMemory) => KernelFunctions
}

const PAGE = 65_536

/** The most bytes that a memory of 32-bit addresses has. */
export const MOST_BYTES: number = PAGE * PAGE

/** The compiled kernel, or undefined where there is no Node or no WebAssembly SIMD (`loadWasm`). */
export function loadKernel(): Kernel | undefined {
  // The build copies the binary beside every module that this file may be bundled into. A host that cannot read or compile
  // it has the plain scan, which gives the same answers.
  const module = loadWasm(new URL('./near.wasm', import.meta.url))
  if (module === undefined) return undefined
  return {
    allocate: (size) => {
      const pages = Math.ceil(size / PAGE)
      return wasmMemory({ initial: pages, maximum: pages, shared: true })
    },
    bind: (memory) => startWasm(module, memory) as KernelFunctions,
  }
}
