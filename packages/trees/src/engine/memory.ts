import { wasmMemory } from '@breakwater/formats'
import type { WasmMemory } from '@breakwater/formats'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { BEST_CUT, CODES, FIELDS, REQUEST, SUMS } from './kernel.ts'
import type { EngineLayout, Region } from './layout.ts'
import { BLOCK_COLUMNS } from './resolution.ts'

/** The memory of an engine: a WebAssembly memory, or a plain buffer where the reference kernel runs. */
export interface EngineMemory {
  readonly buffer: ArrayBufferLike
  /** Undefined for the reference. */
  readonly wasm: WasmMemory | undefined
}

const PAGE = 65_536
/** Addresses are signed 32-bit integers in TypeScript. */
const MAX_PAGES = 32_767

/**
 * Memory for a layout, shared between threads, with the matrix in it. Throws RangeError where the system does not give
 * that much.
 */
export function createMemory(layout: EngineLayout, binned: BinnedMatrix, wasm: boolean): EngineMemory {
  const memory = allocate(layout.bytes, wasm)
  writeMatrix(memory.buffer, layout, binned)
  for (const region of layout.regions) {
    for (const thread of [region, ...region.workers]) {
      new Int32Array(memory.buffer, thread.table, FIELDS.length).set(FIELDS.map((field) => thread[field]))
    }
  }
  return memory
}

/** Bytes that {@link createMemory} allocates for a layout. */
export function memoryBytes({ bytes }: EngineLayout): number {
  return Math.ceil(bytes / PAGE) * PAGE
}

function allocate(bytes: number, wasm: boolean): EngineMemory {
  const pages = Math.ceil(bytes / PAGE)
  const mebibytes = Math.ceil(bytes / 2 ** 20)
  const fix = 'Train on fewer rows or columns, or on fewer threads'
  if (pages > MAX_PAGES) throw new RangeError(`trees: training needs ${mebibytes} MiB, above the limit of 2047. ${fix}`)
  try {
    if (!wasm) return { buffer: new SharedArrayBuffer(pages * PAGE), wasm: undefined }
    const memory = wasmMemory({ initial: pages, maximum: pages, shared: true })
    return { buffer: memory.buffer, wasm: memory }
  } catch (cause) {
    throw new RangeError(`trees: training needs ${mebibytes} MiB of shared memory, which the system refuses. ${fix}`, {
      cause,
    })
  }
}

/** Writes the codes twice: row by row in blocks of sixteen columns for building histograms, and column by column. */
function writeMatrix(buffer: ArrayBufferLike, layout: EngineLayout, binned: BinnedMatrix): void {
  const { rows, columnOf, groupStart, groupBins, groupMinBins, blocks } = layout
  const [region] = layout.regions
  if (region === undefined) return
  new Int32Array(buffer, region.groupStart, groupStart.length).set(groupStart)
  new Int32Array(buffer, region.groupBins, groupBins.length).set(groupBins)
  new Int32Array(buffer, region.groupMinBins, groupMinBins.length).set(groupMinBins)
  new Int32Array(buffer, region.columnOf, columnOf.length).set(columnOf)
  const columnBins = new Uint8Array(buffer, region.columnBins, columnOf.length * rows)
  const stride = blocks * BLOCK_COLUMNS
  const rowBins = new Uint8Array(buffer, region.rowBins, stride * rows)
  for (const [slot, column] of columnOf.entries()) {
    const codes = binned.bins.subarray(column * rows, (column + 1) * rows)
    columnBins.set(codes, slot * rows)
    for (let r = 0, at = slot; r < rows; r++, at += stride) rowBins[at] = codes[r] as number
  }
}

/** Typed views of one region, `rows` entries each unless stated otherwise. */
export interface RegionViews {
  readonly i32: Int32Array
  readonly order: Int32Array
  readonly scores: Float32Array
  readonly gradients: Float32Array
  readonly hessians: Float32Array
  readonly labels: Float32Array
  readonly weights: Float32Array
  /** Ranks of the node searched and of its sibling, one a slot. */
  readonly gains: Float32Array
  readonly siblingGains: Float32Array
  /** What a search needs; see {@link REQUEST}. */
  readonly request: Float64Array
  /** What Kernel.locate writes; see {@link BEST_CUT}. */
  readonly bestCut: Float64Array
  /** Sums of |g|, h and the loss; see {@link SUMS}. */
  readonly sums: Float64Array
  /** One byte a code. */
  readonly goesLeft: Uint8Array
  readonly columnBins: Uint8Array
}

/** The views of a region; they are never longer than the arrays. */
export function viewsOf(buffer: ArrayBufferLike, region: Region, slots: number): RegionViews {
  const { rows } = region
  const doubles = (address: number, entries: Readonly<Record<string, number>>): Float64Array =>
    new Float64Array(buffer, address, Object.keys(entries).length)
  return {
    i32: new Int32Array(buffer, 0, buffer.byteLength >> 2),
    order: new Int32Array(buffer, region.order, rows),
    scores: new Float32Array(buffer, region.scores, rows),
    gradients: new Float32Array(buffer, region.gradients, rows),
    hessians: new Float32Array(buffer, region.hessians, rows),
    labels: new Float32Array(buffer, region.labels, rows),
    weights: new Float32Array(buffer, region.weights, rows),
    gains: new Float32Array(buffer, region.gains, slots),
    siblingGains: new Float32Array(buffer, region.siblingGains, slots),
    request: doubles(region.request, REQUEST),
    bestCut: doubles(region.bestCut, BEST_CUT),
    sums: doubles(region.sums, SUMS),
    goesLeft: new Uint8Array(buffer, region.goesLeft, CODES),
    columnBins: new Uint8Array(buffer, region.columnBins, slots * rows),
  }
}
