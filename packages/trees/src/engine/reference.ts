import type { Kernel } from './kernel.ts'
import { logistic, pack, squared } from './reference-gradient.ts'
import { bestColumn, locate } from './reference-locate.ts'
import { column, search } from './reference-search.ts'
import { createState, readTable } from './reference-state.ts'
import type { ReferenceState } from './reference-state.ts'

/**
 * The kernel in plain TypeScript: the same results to the same bits, since integers add exactly and each 32-bit operation
 * is rounded as WebAssembly rounds it. Runs where WebAssembly SIMD is missing, and is the oracle of the compiled kernel.
 */
export function createReferenceKernel(buffer: ArrayBufferLike): Kernel {
  const state = createState(buffer)
  return {
    attach: (table) => {
      state.at = readTable(state.i32, table)
    },
    search: (...args) => search(state, ...args),
    bestColumn: (...args) => bestColumn(state, ...args),
    column: (...args) => column(state, ...args),
    partition: (...args) => partition(state, ...args),
    locate: (...args) => locate(state, ...args),
    addLeaf: (...args) => addLeaf(state, ...args),
    addLeaves: (...args) => addLeaves(state, ...args),
    logistic: () => logistic(state),
    squared: () => squared(state),
    pack: (...args) => pack(state, ...args),
  }
}

/** See `Kernel.partition`. */
function partition(state: ReferenceState, from: number, to: number, slot: number): number {
  const { u8, i32, at } = state
  const order = at.order >> 2
  const right: number[] = []
  let left = order + from
  for (let i = order + from; i < order + to; i++) {
    const row = i32[i] as number
    if (isLeft(u8, at, row, slot)) i32[left++] = row
    else right.push(row)
  }
  i32.set(right, left)
  return left - order
}

/** See `Kernel.addLeaf`. */
function addLeaf({ i32, f32, at }: ReferenceState, from: number, to: number, value: number): void {
  for (let i = from; i < to; i++) {
    const score = (at.scores >> 2) + (i32[(at.order >> 2) + i] as number)
    f32[score] = (f32[score] as number) + value
  }
}

/** See `Kernel.addLeaves`. */
function addLeaves(state: ReferenceState, from: number, to: number, slot: number, left: number, right: number): void {
  const { u8, i32, f32, at } = state
  for (let i = from; i < to; i++) {
    const row = i32[(at.order >> 2) + i] as number
    const score = (at.scores >> 2) + row
    f32[score] = (f32[score] as number) + (isLeft(u8, at, row, slot) ? left : right)
  }
}

function isLeft(u8: Uint8Array, at: ReferenceState['at'], row: number, slot: number): boolean {
  return u8[at.goesLeft + (u8[at.columnBins + slot * at.rows + row] as number)] !== 0
}
