/** What the kernel works in; threads share it. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer
}

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

/** The part of the WebAssembly interface that is used here; the compiler's libraries know it only from browsers. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: {
    readonly initial: number
    readonly maximum: number
    readonly shared: true
  }) => KernelMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: KernelMemory } },
  ) => { readonly exports: KernelFunctions }
}

const PAGE = 65_536

/** The most bytes that a memory of 32-bit addresses has. */
export const MOST_BYTES: number = PAGE * PAGE

/**
 * The compiled kernel, or undefined where there is no Node or no WebAssembly SIMD. Node's file system is asked for at run
 * time, so that the package's main entry imports nothing of Node.
 */
export function loadKernel(): Kernel | undefined {
  try {
    const bytes = kernelBytes()
    if (bytes === undefined) return undefined
    const module = new WebAssembly.Module(bytes)
    return {
      allocate: (size) => {
        const pages = Math.ceil(size / PAGE)
        return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
      },
      bind: (memory) => new WebAssembly.Instance(module, { env: { memory } }).exports,
    }
  } catch {
    // A host that cannot read or compile it has the plain scan, which gives the same answers.
    return undefined
  }
}

function kernelBytes(): Uint8Array | undefined {
  if (typeof process === 'undefined') return undefined
  // The build copies the binary beside every module that this file may be bundled into.
  return process.getBuiltinModule('node:fs').readFileSync(new URL('./near.wasm', import.meta.url))
}
