/** A compiled WebAssembly module; it can be posted to a worker thread. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

/** Memory of a WebAssembly module, in pages of 64 KiB. */
export interface WasmMemory<B extends ArrayBufferLike = ArrayBufferLike> {
  readonly buffer: B
}

/** Size of a memory in pages; `shared` lets threads work in the same one and needs a `maximum`. */
export interface WasmMemorySize {
  readonly initial: number
  readonly maximum?: number
  readonly shared?: boolean
}

/** The part of the WebAssembly namespace that is used; the type library of the language alone has none. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object }
  readonly Memory: new (size: WasmMemorySize) => WasmMemory
}

/** The globals that may be missing: WebAssembly, and Node's modules, which only Node has. */
interface Host {
  readonly WebAssembly?: WebAssemblyApi
  readonly process?: { getBuiltinModule?(name: 'node:fs'): { readFileSync(path: URL): Uint8Array } }
}

const host = globalThis as unknown as Host

/**
 * The module in a file, compiled; undefined where it cannot be had: outside Node, where the file is missing, or where
 * WebAssembly or an extension that it uses (SIMD, threads) is. Node's file system is asked for at run time, so that
 * importing this imports nothing of Node.
 */
export function loadWasm(file: URL): WasmModule | undefined {
  const fs = host.process?.getBuiltinModule?.('node:fs')
  if (fs === undefined || host.WebAssembly === undefined) return undefined
  try {
    return new host.WebAssembly.Module(fs.readFileSync(file))
  } catch {
    return undefined
  }
}

/** New memory. Throws a RangeError where the system does not give that much. */
export function wasmMemory(size: WasmMemorySize & { readonly shared: true }): WasmMemory<SharedArrayBuffer>
export function wasmMemory(size: WasmMemorySize): WasmMemory
export function wasmMemory(size: WasmMemorySize): WasmMemory {
  return new (api().Memory)(size)
}

/** The functions of a module working in `memory`, its import `env.memory`; to be cast to an interface that names them. */
export function startWasm(module: WasmModule, memory: WasmMemory): object {
  return new (api().Instance)(module, { env: { memory } }).exports
}

function api(): WebAssemblyApi {
  if (host.WebAssembly === undefined) throw new Error('formats: wasm: this JavaScript engine has no WebAssembly')
  return host.WebAssembly
}
