import { loadWasm, startWasm, wasmMemory } from '@breakwater/formats'

/** The kernel's functions. Addresses are bytes in its memory; see kernel/mix.as.ts. */
export interface KernelFunctions {
  /** Writes to `out` the weighted sum of each row. */
  readonly mix: (values: number, rows: number, size: number, weights: number, out: number) => void
  /** Adds every row times its scale to `sums`. */
  readonly add: (values: number, rows: number, size: number, scales: number, sums: number) => void
  /** Writes to `out` the two sums of each question under `pairs` of factors. */
  readonly tilt: (values: number, questions: number, drifts: number, pairs: number, out: number) => void
}

/** Memory to work in, with the kernel that works there. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike
  /** Undefined where plain code has to do its work. */
  readonly kernel: KernelFunctions | undefined
}

/** Bytes of the numbers that lie in it. */
export const BYTES = { float32: 4, float64: 8 } as const

const PAGE = 65_536

/**
 * So many bytes of zeros, with a kernel where one is wanted; without where there is no Node or no WebAssembly SIMD (`loadWasm`), and for
 * more bytes than 32-bit addresses reach.
 */
export function kernelMemory(bytes: number, wanted: 'wasm' | 'plain'): KernelMemory {
  const pages = Math.ceil(bytes / PAGE)
  // The build copies the binary beside this module.
  const module = wanted === 'plain' || pages > PAGE ? undefined : loadWasm(new URL('./mix.wasm', import.meta.url))
  if (module === undefined) return { buffer: new ArrayBuffer(bytes), kernel: undefined }
  const memory = wasmMemory({ initial: pages })
  return { buffer: memory.buffer, kernel: startWasm(module, memory) as KernelFunctions }
}
