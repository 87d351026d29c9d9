import type { BinnedMatrix } from '../binning.ts'
import { valueBins } from '../binning.ts'

/**
 * Fields of the table that tells a kernel where one head's arrays lie (kernel/train/region.ts), in its order: 32-bit
 * integers, addresses in bytes. The first two are counts.
 */
export const FIELDS = [
  'rows',
  'groups',
  'blockBins',
  'columnBins',
  'groupStart',
  'groupBins',
  'order',
  'spare',
  'packed',
  'nodePacked',
  'tileCodes',
  'columnCells',
  'columnRows',
  'found',
  'blockCells',
  'scores',
  'gradients',
  'hessians',
  'labels',
  'weights',
  'gains',
  'otherGains',
  'request',
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
  /** Blocks of four groups. */
  readonly blocks: number
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
/** Groups of a block: their cells fit the first-level cache. */
export const BLOCK_GROUPS = 4
/** Columns of a block: bytes of a row in it. */
export const BLOCK = 16
/** Rows of a tile of codes; see kernel/train/histogram.as.ts. */
const TILE_ROWS = 256
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
  // The groups that fill the last block have no bins but that for missing, where the codes of no column go.
  const groups = Math.ceil(columnOf.length / BLOCK) * BLOCK_GROUPS
  const groupBins = Int32Array.from({ length: groups }, (_, k) => binsOf[k * GROUP] ?? 0)
  const groupStart = new Int32Array(groups + 1)
  for (let k = 0; k < groups; k++) groupStart[k + 1] = (groupStart[k] as number) + (groupBins[k] as number) + 1
  const histogramBytes = (groupStart[groups] as number) * 32
  const blocks = Math.ceil(groups / BLOCK_GROUPS)
  const blockRows = Array.from(
    { length: blocks },
    (_, k) =>
      (groupStart[Math.min(groups, (k + 1) * BLOCK_GROUPS)] as number) - (groupStart[k * BLOCK_GROUPS] as number),
  )
  const place = placer()
  const shared = {
    blockBins: place(blocks * BLOCK * rows),
    columnBins: place(columnOf.length * rows),
    groupStart: place(4 * groupStart.length),
    groupBins: place(4 * groups),
  }
  const regions = Array.from({ length: request.regions }, () => ({
    ...shared,
    rows,
    groups,
    table: place(4 * FIELDS.length),
    order: place(4 * rows + 16),
    spare: place(4 * rows + 16),
    packed: place(8 * rows + 32),
    nodePacked: place(8 * rows),
    tileCodes: place(BLOCK * TILE_ROWS),
    columnCells: place(8 * 256),
    columnRows: place(4 * 256),
    found: place(32),
    blockCells: place(32 * Math.max(...blockRows)),
    scores: place(4 * rows + 16),
    gradients: place(4 * rows + 16),
    hessians: place(4 * rows + 16),
    labels: place(4 * rows + 16),
    weights: place(4 * rows + 16),
    gains: place(16 * groups),
    otherGains: place(16 * groups),
    request: place(64),
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
    blocks,
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
