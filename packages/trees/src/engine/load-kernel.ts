import { loadWasm } from '@breakwater/formats'
import type { WasmModule } from '@breakwater/formats'

const loaded = new Map<string, WasmModule | undefined>()

/**
 * The kernel whose binary lies at `binary`, compiled once; undefined where it cannot be (`loadWasm`). The caller then runs
 * its reference implementation.
 */
export function loadKernel(binary: URL): WasmModule | undefined {
  if (!loaded.has(binary.href)) loaded.set(binary.href, loadWasm(binary))
  return loaded.get(binary.href)
}
