import type { RetrievalIndex } from './index-data.ts'
import type { Kernel, KernelMemory } from './kernel.ts'

/** Standard scores beyond this are cut off in the codes (never in the exact distance). */
const BOX = 8
/** Codes are -127 to 127. */
const LEVELS = 127
const STEP = BOX / LEVELS
const LANE = 16
/** More than rounding in 64 bits can move a distance. */
const SLACK = 1 + 1e-9
const MOST_I32 = 2 ** 31 - 1

/** Vectors in 8 bits, in the kernel's memory, with room for a query and an answer. */
export interface Codes {
  readonly memory: KernelMemory
  /** Bytes from one row to the next: the vector's width, up to a multiple of 16, zeros behind. */
  readonly stride: number
  /** Addresses: of the first code, of the query, of the answer. */
  readonly start: number
  readonly query: number
  readonly out: number
  /** The query's codes, written before a scan. */
  readonly encoded: Int16Array
  /** The kernel's answer. */
  readonly found: Int32Array
  /** The greatest distance of a row, cut to the box, from its codes. */
  readonly rounding: number
}

/**
 * Rounds every vector to codes of one step for all coordinates, cut to a box of 8 standard deviations. With q, x cut to the
 * box and q', x' their codes in units: |q - x| >= |cut q - cut x| >= |q' - x'| - |cut q - q'| - |cut x - x'|, since cutting to
 * a box moves no two points apart. So the distance of codes, less the two roundings, bounds the true one from below.
 * Cost: rows x width.
 */
export function codesOf({ rows, vectors, normaliser }: RetrievalIndex, kernel: Kernel): Codes {
  const width = normaliser.kept.length
  const { stride, query, out, start, bytes: size } = layoutOf(rows, width)
  const memory = kernel.allocate(size)
  const bytes = new Int8Array(memory.buffer, start, rows * stride)
  let rounding = 0
  for (let row = 0; row < rows; row++) {
    rounding = Math.max(rounding, encode(vectors, row * width, width, bytes, row * stride))
  }
  return {
    memory,
    stride,
    start,
    query,
    out,
    encoded: new Int16Array(memory.buffer, query, stride),
    found: new Int32Array(memory.buffer, out, OUT_ROWS),
    rounding: Math.sqrt(rounding),
  }
}

/** Rows that an answer has room for. */
export const OUT_ROWS = 16_384

/** Where things lie in the kernel's memory: the query, the answer, the codes; and how many bytes that takes. */
export function layoutOf(
  rows: number,
  width: number,
): Pick<Codes, 'stride' | 'query' | 'out' | 'start'> & { readonly bytes: number } {
  const stride = Math.ceil(width / LANE) * LANE
  const out = stride * 2
  const start = out + OUT_ROWS * 4
  return { stride, query: 0, out, start, bytes: start + rows * stride }
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
export function encodeQuery({ encoded }: Codes, query: Float32Array): number {
  return Math.sqrt(encode(query, 0, query.length, encoded, 0))
}

/** The greatest squared distance of codes that a row at most `distance` away can have. */
export function mostSteps({ rounding }: Codes, distance: number, queryRounding: number): number {
  const steps = ((distance + rounding + queryRounding) * SLACK) / STEP
  return Math.min(MOST_I32, Math.floor(steps * steps * SLACK) + 1)
}
