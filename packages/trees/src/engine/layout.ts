import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { valueBins } from '../binning/bin-matrix.ts'
import { CONTROL } from './pool.ts'

/**
 * Fields of the table that tells a kernel where one head's arrays lie (kernel/train/region.ts), in its order: 32-bit
 * integers, addresses in bytes. The first two are counts.
 */
export const FIELDS = [
  'rows',
  'groups',
  'rowBins',
  'columnBins',
  'groupStart',
  'groupBins',
  'order',
  'spare',
  'packed',
  'nodePacked',
  'tileCodes',
  'columnHistogram',
  'found',
  'spareHistogram',
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
  'groupMinBins',
  'columnOf',
] as const

/** Where the arrays of one thread lie, and its table. */
export type Place = Readonly<Record<(typeof FIELDS)[number], number>> & { readonly table: number }

/** One head's arrays, and the addresses that only the host uses. */
export interface Region extends Place {
  readonly histograms: number
  /** Integers by which a team's threads speak. */
  readonly control: number
  /** The other threads of the team: the same arrays, but scratch of their own. */
  readonly members: readonly Place[]
}

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
  /** For each group, the minBins value bins of its columns that have two or more; 0 where none has. */
  readonly groupMinBins: Int32Array
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
  /** Threads that share the work on one head. */
  readonly team: number
}

const GROUP = 4
/** Groups of a block: their cells fit the first-level cache. */
export const BLOCK_GROUPS = 4
/** Columns of a block: bytes of a row in it. */
export const BLOCK = 16
/** Rows of a tile of codes; see kernel/train/tile.as.ts. */
const TILE_ROWS = 2048
/** Below this address lies what the compiler of the kernel reserves. */
const RESERVED = 65_536

/** Plans the memory: addresses only, nothing is allocated. */
export function layoutOf(
  binned: Pick<BinnedMatrix, 'columns' | 'rows' | 'cutStart'>,
  { regions, histograms, team }: LayoutRequest,
): EngineLayout {
  const { rows } = binned
  const slots = slotsOf(binned)
  const { groupStart, groupBins, groupMinBins, blocks, columnOf } = slots
  const groups = groupBins.length
  const place = placer()
  const shared = {
    rows,
    groups,
    rowBins: place(blocks * BLOCK * rows),
    columnBins: place(columnOf.length * rows),
    groupStart: place(4 * groupStart.length),
    groupBins: place(4 * groups),
    groupMinBins: place(4 * groupMinBins.length),
    columnOf: place(4 * columnOf.length),
  }
  const histogramBytes = (groupStart[groups] as number) * 32
  const placeRegion = (): Region => {
    const leader = { ...shared, ...placeRows(place, rows, groups), ...placeScratch(place, rows, slots) }
    return {
      ...leader,
      members: Array.from({ length: team - 1 }, () => ({ ...leader, ...placeScratch(place, rows, slots) })),
      control: place(4 * CONTROL),
      histograms: place(histogramBytes * histograms),
    }
  }
  return {
    ...slots,
    rows,
    histogramBytes,
    histograms,
    regions: Array.from({ length: regions }, placeRegion),
    bytes: place(0),
  }
}

type Slots = Pick<
  EngineLayout,
  'columnOf' | 'slotOf' | 'binsOf' | 'groupStart' | 'groupBins' | 'groupMinBins' | 'blocks'
>

/** Puts columns in slots and slots in groups and blocks. */
function slotsOf(binned: Pick<BinnedMatrix, 'columns' | 'cutStart'>): Slots {
  const bins = binned.columns.map((_, c) => valueBins(binned, c))
  const columnOf = Int32Array.from(bins.keys()).toSorted((a, b) => (bins[b] as number) - (bins[a] as number) || a - b)
  const slotOf = new Int32Array(columnOf.length)
  for (const [slot, column] of columnOf.entries()) slotOf[column] = slot
  const binsOf = columnOf.map((column) => bins[column] as number)
  const blocks = Math.ceil(columnOf.length / BLOCK)
  // The groups that fill the last block have no bins but that for missing, where the codes of no column go.
  const groupBins = Int32Array.from({ length: blocks * BLOCK_GROUPS }, (_, k) => binsOf[k * GROUP] ?? 0)
  const groupStart = new Int32Array(groupBins.length + 1)
  for (const [k, most] of groupBins.entries()) groupStart[k + 1] = (groupStart[k] as number) + most + 1
  const groupMinBins = groupBins.map(
    (_, k) => binsOf.subarray(k * GROUP, (k + 1) * GROUP).findLast((count) => count > 1) ?? 0,
  )
  return { columnOf, slotOf, binsOf, groupStart, groupBins, groupMinBins, blocks }
}

type Placer = (bytes: number) => number

/** What a head needs for its rows, and what its threads share. Kernels work on four rows at a time. */
function placeRows(place: Placer, rows: number, groups: number) {
  const words = 4 * rows + 16
  return {
    order: place(words),
    spare: place(words),
    packed: place(2 * words),
    // Cells of 16 bytes a code, and then as much for the ranks of cuts.
    columnHistogram: place(2 * 16 * 256),
    found: place(32),
    scores: place(words),
    gradients: place(words),
    hessians: place(words),
    labels: place(words),
    weights: place(words),
    gains: place(16 * groups),
    otherGains: place(16 * groups),
    request: place(72),
    sums: place(24),
    goesLeft: place(256),
  }
}

/** What each thread needs for itself, with its table. */
function placeScratch(place: Placer, rows: number, { groupStart, blocks }: Slots) {
  return {
    table: place(4 * FIELDS.length),
    nodePacked: place(8 * rows),
    tileCodes: place(BLOCK * TILE_ROWS * blocks),
    spareHistogram: place(32 * (groupStart.at(-1) ?? 0)),
  }
}

/** Hands out addresses one after another, each on a cache line of its own. */
function placer(): Placer {
  let next = RESERVED
  return (bytes) => {
    const at = next
    next = Math.ceil((next + bytes) / 64) * 64
    return at
  }
}
