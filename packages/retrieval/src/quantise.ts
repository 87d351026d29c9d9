import type { RetrievalIndex } from './index-data.ts'
import type { Kernel, KernelMemory } from './kernel/load.ts'

/** Standard scores beyond this are cut off in the codes (never in the exact distance). */
const BOX = 5
/** Codes are -127 to 127. */
const LEVELS = 127
const STEP = BOX / LEVELS
const LANE = 16
const PAIR_BYTES = 8
/** More than rounding in 64 bits can move a distance. */
const SLACK = 1 + 1e-9
const MOST_I32 = 2 ** 31 - 1

/** Rows that an answer has room for. */
export const OUT_ROWS = 16_384

/** Vectors in 8 bits in the kernel's memory, behind `slots` places where a thread asks and is answered. Threads share it. */
export interface Codes {
  readonly memory: KernelMemory
  /** Bytes from one row to the next: the vector's width, up to a multiple of 16, zeros behind. */
  readonly stride: number
  /** Address of the first code. */
  readonly start: number
  readonly slots: number
  /** The greatest distance of a row, cut to the box, from its codes. */
  readonly rounding: number
}

/** Where one thread writes a query's codes and reads the kernel's answer: addresses, and views of them. */
export interface Slot {
  readonly query: number
  readonly out: number
  readonly encoded: Int16Array
  /** Pairs of a row and its squared distance in steps. */
  readonly found: Int32Array
}

/**
 * Rounds every vector to codes of one step for all coordinates, cut to a box of 5 standard deviations. With q, x cut to the
 * box and q', x' their codes in units: |q - x| >= |cut q - cut x| >= |q' - x'| - |cut q - q'| - |cut x - x'|, since cutting to
 * a box moves no two points apart. So the distance of codes, less the two roundings, bounds the true one from below.
 * Cost: rows x width.
 */
export function codesOf({ rows, vectors, normaliser }: RetrievalIndex, kernel: Kernel, slots: number): Codes {
  const width = normaliser.kept.length
  const stride = strideOf(width)
  const start = slots * slotBytes(stride)
  const memory = kernel.allocate(bytesFor(rows, width, slots))
  const bytes = new Int8Array(memory.buffer, start, rows * stride)
  let rounding = 0
  for (let row = 0; row < rows; row++) {
    rounding = Math.max(rounding, encode(vectors, row * width, width, bytes, row * stride))
  }
  return { memory, stride, start, slots, rounding: Math.sqrt(rounding) }
}

/** Bytes of memory that {@link codesOf} takes. */
export function bytesFor(rows: number, width: number, slots: number): number {
  const stride = strideOf(width)
  return slots * slotBytes(stride) + rows * stride
}

const strideOf = (width: number): number => Math.ceil(width / LANE) * LANE
const slotBytes = (stride: number): number => stride * Int16Array.BYTES_PER_ELEMENT + OUT_ROWS * PAIR_BYTES

/** Slot `i` of the codes' memory. */
export function slotOf({ memory, stride }: Codes, i: number): Slot {
  const query = i * slotBytes(stride)
  const out = query + stride * Int16Array.BYTES_PER_ELEMENT
  return {
    query,
    out,
    encoded: new Int16Array(memory.buffer, query, stride),
    found: new Int32Array(memory.buffer, out, OUT_ROWS * 2),
  }
}

/** Writes codes of one vector; returns the squared distance of the cut vector from them. */
function encode(vectors: Float32Array, from: number, width: number, out: Int8Array | Int16Array, at: number): number {
  let squares = 0
  for (let c = 0; c < width; c++) {
    const value = vectors[from + c] as number
    const cut = value > BOX ? BOX : value < -BOX ? -BOX : value
    const code = Math.round(cut / STEP)
    out[at + c] = code
    const gap = cut - code * STEP
    squares += gap * gap
  }
  return squares
}

/** Writes the query's codes where the kernel reads them; returns the distance of the cut query from them. */
export function encodeQuery({ encoded }: Slot, query: Float32Array): number {
  return Math.sqrt(encode(query, 0, query.length, encoded, 0))
}

/** The greatest squared distance of codes that a row at most `distance` away can have. */
export function mostSteps({ rounding }: Codes, distance: number, queryRounding: number): number {
  const steps = ((distance + rounding + queryRounding) * SLACK) / STEP
  return Math.min(MOST_I32, Math.floor(steps * steps * SLACK) + 1)
}
