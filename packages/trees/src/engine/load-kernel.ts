/** A compiled WebAssembly module; it can be posted to a worker thread. */
export interface KernelModule {
  readonly [Symbol.toStringTag]: string
}

/** The memory that a kernel works in, in pages of 64 KiB. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike
}

/** Size of a kernel's memory; `shared` lets threads work in the same one and needs a `maximum`. */
export interface MemorySize {
  readonly initial: number
  readonly maximum?: number
  readonly shared?: boolean
}

/** The part of the WebAssembly namespace that kernels need; the type library of the language alone has none. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => KernelModule
  readonly Instance: new (module: KernelModule, imports: object) => { readonly exports: object }
  readonly Memory: new (size: MemorySize) => KernelMemory
}

/** The globals that may be missing: WebAssembly, and Node's modules, which only Node has. */
interface Host {
  readonly WebAssembly?: WebAssemblyApi
  readonly process?: { getBuiltinModule?(name: 'node:fs'): { readFileSync(path: URL): Uint8Array } }
}

const host = globalThis as unknown as Host

const loaded = new Map<string, KernelModule | undefined>()

/**
 * The kernel whose binary lies at `binary`, read and compiled once; undefined where it cannot be: outside Node, where its
 * file is missing, or where WebAssembly or an extension that it uses (SIMD, threads) is. The caller then runs its reference
 * implementation.
 */
export function loadKernel(binary: URL): KernelModule | undefined {
  if (!loaded.has(binary.href)) loaded.set(binary.href, compiled(binary))
  return loaded.get(binary.href)
}

function compiled(binary: URL): KernelModule | undefined {
  const fs = host.process?.getBuiltinModule?.('node:fs')
  if (fs === undefined || host.WebAssembly === undefined) return undefined
  try {
    return new host.WebAssembly.Module(fs.readFileSync(binary))
  } catch {
    return undefined
  }
}

/** New memory for {@link startKernel}. Throws a RangeError where the system does not give that much. */
export function kernelMemory(size: MemorySize): KernelMemory {
  return new (api().Memory)(size)
}

/** The functions of a kernel, working in `memory`: what its source exports, to be cast to the interface that describes it. */
export function startKernel(module: KernelModule, memory: KernelMemory): object {
  return new (api().Instance)(module, { env: { memory } }).exports
}

function api(): WebAssemblyApi {
  if (host.WebAssembly === undefined) throw new Error('trees: kernel: this JavaScript engine has no WebAssembly')
  return host.WebAssembly
}
