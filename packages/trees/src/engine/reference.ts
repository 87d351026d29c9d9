import type { Kernel } from './kernel.ts'
import { FIELDS } from './layout.ts'
import type { Place } from './layout.ts'
import * as gradient from './reference-gradient.ts'
import { locate } from './reference-locate.ts'
import { addLeaf, addLeaves, partition } from './reference-rows.ts'
import { column, search } from './reference-search.ts'
import { bestColumn } from './reference-best-column.ts'

/** The memory as the reference sees it, and where the head's arrays lie. */
export interface ReferenceState {
  readonly u8: Uint8Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
  at: Omit<Place, 'table'>
}

/**
 * The kernel in plain TypeScript: the same results to the same bits, since integers add exactly and each 32-bit operation
 * is rounded as WebAssembly rounds it. Used where WebAssembly SIMD is missing, and as the oracle of the compiled kernel.
 */
export function createReferenceKernel(buffer: ArrayBufferLike): Kernel {
  const i32 = new Int32Array(buffer)
  const state: ReferenceState = {
    u8: new Uint8Array(buffer),
    i32,
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    at: regionAt(i32, 0),
  }
  return {
    attach: (table) => {
      state.at = regionAt(i32, table)
    },
    search: (...args) => search(state, ...args),
    bestColumn: (...args) => bestColumn(state, ...args),
    column: (...args) => column(state, ...args),
    partition: (...args) => partition(state, ...args),
    locate: (...args) => locate(state, ...args),
    addLeaf: (...args) => addLeaf(state, ...args),
    addLeaves: (...args) => addLeaves(state, ...args),
    logistic: () => gradient.logistic(state),
    squared: () => gradient.squared(state),
    pack: (...args) => gradient.pack(state, ...args),
  }
}

function regionAt(i32: Int32Array, table: number): ReferenceState['at'] {
  return Object.fromEntries(FIELDS.map((field, i) => [field, i32[(table >> 2) + i] as number])) as ReferenceState['at']
}
