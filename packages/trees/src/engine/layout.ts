import type { BinnedMatrix } from '../binning.ts'
import { valueBins } from '../binning.ts'

/**
 * Fields of the table that tells a kernel where one head's arrays lie (kernel/train/region.ts), in its order: 32-bit
 * integers, addresses in bytes. The first three are counts.
 */
export const FIELDS = [
  'rows',
  'stride',
  'groups',
  'rowBins',
  'columnBins',
  'groupStart',
  'groupBins',
  'order',
  'spare',
  'packed',
  'tileBins',
  'tilePacked',
  'scores',
  'gradients',
  'hessians',
  'labels',
  'weights',
  'gains',
  'sums',
  'goesLeft',
] as const

/** One head's table, and the addresses that only the host uses. */
export type Region = Readonly<Record<(typeof FIELDS)[number] | 'table' | 'histograms', number>>

/**
 * Where everything lies in the memory that threads share. Columns are kept in slots, most bins first, so that the four
 * columns of a group need about equally many cells.
 */
export interface EngineLayout {
  readonly rows: number
  /** Matrix column of each slot. */
  readonly columnOf: Int32Array
  /** Slot of each matrix column. */
  readonly slotOf: Int32Array
  /** Value bins of each slot; code 0 is missing, code b + 1 is value bin b. */
  readonly binsOf: Int32Array
  /** For each group, the first of its rows in a histogram; `groups + 1` entries. */
  readonly groupStart: Int32Array
  /** For each group, how many value bins are scanned: the most of its columns. */
  readonly groupBins: Int32Array
  /** Bytes of one histogram. */
  readonly histogramBytes: number
  /** Histograms of each region. */
  readonly histograms: number
  readonly regions: readonly Region[]
  /** Bytes of memory in all. */
  readonly bytes: number
}

/** What a layout is made for. */
export interface LayoutRequest {
  /** Regions: heads that are trained at the same time. */
  readonly regions: number
  /** Histograms alive at the same time in one region. */
  readonly histograms: number
}

const GROUP = 4
/** Bytes of a tile of codes, and the rows it can hold at most, at 16 bytes each; see kernel/train/histogram.ts. */
const TILE_BYTES = 24_576
const TILE_ROWS = TILE_BYTES / 16
/** Below this address lies what the compiler of the kernel reserves. */
const RESERVED = 65_536

/** Plans the memory: addresses only, nothing is allocated. */
export function layoutOf(
  binned: Pick<BinnedMatrix, 'columns' | 'rows' | 'cutStart'>,
  request: LayoutRequest,
): EngineLayout {
  const { rows } = binned
  const bins = binned.columns.map((_, c) => valueBins(binned, c))
  const columnOf = Int32Array.from(bins.keys()).toSorted((a, b) => (bins[b] as number) - (bins[a] as number) || a - b)
  const slotOf = new Int32Array(columnOf.length)
  for (const [slot, column] of columnOf.entries()) slotOf[column] = slot
  const binsOf = columnOf.map((column) => bins[column] as number)
  const groups = Math.ceil(columnOf.length / GROUP)
  const groupBins = Int32Array.from({ length: groups }, (_, k) => binsOf[k * GROUP] as number)
  const groupStart = new Int32Array(groups + 1)
  for (let k = 0; k < groups; k++) groupStart[k + 1] = (groupStart[k] as number) + (groupBins[k] as number) + 1
  const histogramBytes = (groupStart[groups] as number) * 32
  const stride = Math.ceil(columnOf.length / 16) * 16
  const place = placer()
  const shared = {
    rowBins: place(stride * rows),
    columnBins: place(columnOf.length * rows),
    groupStart: place(4 * groupStart.length),
    groupBins: place(4 * groups),
  }
  const regions = Array.from({ length: request.regions }, () => ({
    ...shared,
    rows,
    stride,
    groups,
    table: place(4 * FIELDS.length),
    order: place(4 * rows + 16),
    spare: place(4 * rows + 16),
    packed: place(8 * rows + 32),
    tileBins: place(TILE_BYTES),
    tilePacked: place(8 * TILE_ROWS),
    scores: place(4 * rows + 16),
    gradients: place(4 * rows + 16),
    hessians: place(4 * rows + 16),
    labels: place(4 * rows + 16),
    weights: place(4 * rows + 16),
    gains: place(16 * groups),
    sums: place(24),
    goesLeft: place(256),
    histograms: place(histogramBytes * request.histograms),
  }))
  return {
    rows,
    columnOf,
    slotOf,
    binsOf,
    groupStart,
    groupBins,
    histogramBytes,
    regions,
    histograms: request.histograms,
    bytes: place(0),
  }
}

/** Hands out addresses one after another, each on a cache line of its own. */
function placer(): (bytes: number) => number {
  let next = RESERVED
  return (bytes) => {
    const at = next
    next = Math.ceil((next + bytes) / 64) * 64
    return at
  }
}
