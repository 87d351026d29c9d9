import { defaultBins } from '../binning/bin-matrix.ts'
import { layoutOf } from '../engine/layout.ts'
import type { EngineLayout } from '../engine/layout.ts'
import { memoryBytes } from '../engine/memory.ts'
import { trainSettings } from './options.ts'
import type { TrainOptions, TrainSettings } from './options.ts'

/** Where everything lies for heads trained `regions` at a time, each by `threads` threads. */
export function planMemory(
  shape: Parameters<typeof layoutOf>[0],
  { maxDepth, maxLeaves }: TrainSettings,
  regions: number,
  threads = 1,
): EngineLayout {
  const open = maxLeaves === Infinity ? maxDepth : Math.min(maxLeaves, 2 ** maxDepth)
  return layoutOf(shape, { regions, histograms: open + 2, threads })
}

/** What memory is estimated for. */
export interface MemoryRequest {
  readonly rows: number
  readonly columns: number
  readonly heads: number
  /** Threads of `trainHeadsParallel`. Default 1. */
  readonly threads?: number
  readonly options?: TrainOptions
}

/** Bytes by what they are for. */
export interface MemoryEstimate {
  /** The matrix that the caller holds: 4 bytes per value. */
  readonly matrix: number
  /** Its bins, 1 byte per value. */
  readonly bins: number
  /** The block that threads share: bins twice more, histograms, and each head's rows while it is trained. */
  readonly engine: number
  /** Labels, masks, row lists and weights of all heads, and their models at their largest. */
  readonly heads: number
  readonly total: number
}

/** Bytes of a node of a model, and of one in the store while it grows. */
const NODE_BYTES = 64

/**
 * An upper bound on the memory that training needs beside the runtime's own, before it starts: columns are taken to have
 * all the bins they may. Throws on counts and options out of range.
 */
export function estimateMemory({ rows, columns, heads, threads = 1, options = {} }: MemoryRequest): MemoryEstimate {
  const settings = trainSettings(options)
  const counts = { rows, columns, heads, threads }
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`trees: ${name}=${count}: must be an integer of at least 1`)
    }
  }
  const bins = settings.maxBins ?? defaultBins(rows)
  const cutStart = Int32Array.from({ length: columns + 1 }, (_, c) => c * (bins - 1))
  const names = Array.from({ length: columns }, (_, c) => `${c}`)
  const regions = Math.min(threads, heads)
  const layout = planMemory({ columns: names, rows, cutStart }, settings, regions, Math.floor(threads / regions))
  const leaves = Math.min(settings.maxLeaves, 2 ** settings.maxDepth, rows)
  const estimate = {
    matrix: 4 * rows * columns,
    bins: rows * columns * (threads > 1 ? 2 : 1),
    engine: memoryBytes(layout),
    heads: heads * (rows * 22 + settings.rounds * 2 * leaves * NODE_BYTES),
  }
  return { ...estimate, total: estimate.matrix + estimate.bins + estimate.engine + estimate.heads }
}
