import { FIELDS } from './kernel.ts'
import type { Addresses } from './kernel.ts'

/** The memory as the reference kernel sees it, and where the head's arrays lie. */
export interface ReferenceState {
  readonly u8: Uint8Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
  at: Addresses
}

/** The state over a memory, attached to the table at address 0. */
export function createState(buffer: ArrayBufferLike): ReferenceState {
  const i32 = new Int32Array(buffer)
  return {
    u8: new Uint8Array(buffer),
    i32,
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    at: readTable(i32, 0),
  }
}

/** The addresses in the table at `table`. */
export function readTable(i32: Int32Array, table: number): Addresses {
  return Object.fromEntries(FIELDS.map((field, i) => [field, i32[(table >> 2) + i] as number])) as Addresses
}
