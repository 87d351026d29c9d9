import { valueBins } from '../binning/bin-matrix.ts'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { BEST_CUT, CODES, FIELDS, REQUEST, SUMS, TILE_ROWS } from './kernel.ts'
import type { Addresses } from './kernel.ts'
import { CONTROL_WORDS } from './pool.ts'
import { BIN_WORDS, BLOCK_COLUMNS, BLOCK_GROUPS, GROUP_COLUMNS } from './resolution.ts'

/** Where the arrays of one thread lie, and its table. */
export interface ThreadRegion extends Addresses {
  readonly table: number
}

/** One head's arrays, and the addresses that only the host uses. */
export interface Region extends ThreadRegion {
  readonly histograms: number
  /** The control block of the region's thread pool. */
  readonly control: number
  /** The other threads of the pool: the same arrays, but scratch of their own. */
  readonly workers: readonly ThreadRegion[]
}

/**
 * Where everything lies in the memory that threads share. Columns are kept in slots, most bins first, so that the four
 * columns of a group need about equally many bins.
 */
export interface EngineLayout {
  readonly rows: number
  /** Matrix column of each slot. */
  readonly columnOf: Int32Array
  /** Slot of each matrix column. */
  readonly slotOf: Int32Array
  /** Value bins of each slot; code 0 is missing, code b + 1 is value bin b. 0 where no row has a value. */
  readonly binsOf: Int32Array
  /** For each group, its first bin in a histogram; `groups + 1` entries. */
  readonly groupStart: Int32Array
  /** For each group, how many value bins are scanned: the largest number of its columns. */
  readonly groupBins: Int32Array
  /** For each group, the minBins value bins of its columns that have two or more; 0 where none has. */
  readonly groupMinBins: Int32Array
  /** Blocks of four groups. */
  readonly blocks: number
  /** Blocks that are searched: those from here on have no column with a value. */
  readonly searched: number
  /** Bytes of one histogram. */
  readonly histogramBytes: number
  /** Histograms of each region. */
  readonly histograms: number
  readonly regions: readonly Region[]
  /** Bytes of memory in all. */
  readonly bytes: number
}

/** What a layout reads of a matrix. */
export type LayoutShape = Pick<BinnedMatrix, 'columns' | 'rows' | 'cutStart'> &
  Partial<Pick<BinnedMatrix, 'bins' | 'categorical'>>

/** What a layout is made for. */
export interface LayoutRequest {
  /** Regions: heads that are trained at the same time. */
  readonly regions: number
  /** Histograms alive at the same time in one region. */
  readonly histograms: number
  /** Threads that share the work on one head. */
  readonly threads: number
}

/** Below this address lies what the compiler of the kernel reserves. */
const RESERVED = 65_536

/** Plans the memory: addresses only, nothing is allocated. */
export function layoutOf(binned: LayoutShape, { regions, histograms, threads }: LayoutRequest): EngineLayout {
  const { rows } = binned
  const slots = slotsOf(binned)
  const { groupStart, groupBins, groupMinBins, blocks, columnOf } = slots
  const groups = groupBins.length
  const reserve = createAllocator()
  const shared = {
    rows,
    groups,
    rowBins: reserve(blocks * BLOCK_COLUMNS * rows),
    columnBins: reserve(columnOf.length * rows),
    groupStart: reserve(4 * groupStart.length),
    groupBins: reserve(4 * groups),
    groupMinBins: reserve(4 * groupMinBins.length),
    columnOf: reserve(4 * columnOf.length),
  }
  const histogramBytes = (groupStart[groups] as number) * BIN_WORDS * 4
  const reserveRegion = (): Region => {
    const leader = { ...shared, ...reserveRows(reserve, rows, groups), ...reserveScratch(reserve, rows, slots) }
    return {
      ...leader,
      workers: Array.from({ length: threads - 1 }, () => ({ ...leader, ...reserveScratch(reserve, rows, slots) })),
      control: reserve(4 * CONTROL_WORDS),
      histograms: reserve(histogramBytes * histograms),
    }
  }
  return {
    ...slots,
    rows,
    histogramBytes,
    histograms,
    regions: Array.from({ length: regions }, reserveRegion),
    bytes: reserve(0),
  }
}

type Slots = Pick<
  EngineLayout,
  'columnOf' | 'slotOf' | 'binsOf' | 'groupStart' | 'groupBins' | 'groupMinBins' | 'blocks' | 'searched'
>

/**
 * Puts columns in slots and slots in groups and blocks. Columns without a value come last and have no bins: no cut divides them. Of categorical ones
 * that is found where they are located.
 */
function slotsOf(binned: LayoutShape): Slots {
  const counts = binned.columns.map((_, c) => (isEmpty(binned, c) ? 0 : valueBins(binned, c)))
  const columnOf = Int32Array.from(counts.keys()).toSorted(
    (a, b) => (counts[b] as number) - (counts[a] as number) || a - b,
  )
  const slotOf = new Int32Array(columnOf.length)
  for (const [slot, column] of columnOf.entries()) slotOf[column] = slot
  const binsOf = columnOf.map((column) => counts[column] as number)
  const blocks = Math.ceil(columnOf.length / BLOCK_COLUMNS)
  // The groups that fill the last block have no bins but that for missing, where the codes of no column go.
  const groupBins = Int32Array.from({ length: blocks * BLOCK_GROUPS }, (_, k) => binsOf[k * GROUP_COLUMNS] ?? 0)
  const groupStart = new Int32Array(groupBins.length + 1)
  for (const [k, bins] of groupBins.entries()) groupStart[k + 1] = (groupStart[k] as number) + bins + 1
  const groupMinBins = groupBins.map(
    (_, k) => binsOf.subarray(k * GROUP_COLUMNS, (k + 1) * GROUP_COLUMNS).findLast((count) => count > 1) ?? 0,
  )
  const searched = Math.ceil(counts.filter((count) => count > 0).length / BLOCK_COLUMNS)
  return { columnOf, slotOf, binsOf, groupStart, groupBins, groupMinBins, blocks, searched }
}

/** Whether no row has a value; of categorical columns, and without bins, it is not asked. */
function isEmpty({ columns, rows, cutStart, bins, categorical = [] }: LayoutShape, c: number): boolean {
  if (bins === undefined || cutStart[c + 1] !== cutStart[c] || categorical.includes(columns[c] as string)) return false
  return bins.subarray(c * rows, (c + 1) * rows).every((code) => code === 0)
}

type Reserve = (bytes: number) => number

/** What a head needs for its rows, and what its threads share. Kernels work on four rows at a time. */
function reserveRows(reserve: Reserve, rows: number, groups: number) {
  const words = 4 * rows + 16
  return {
    order: reserve(words),
    spare: reserve(words),
    packed: reserve(2 * words),
    // 16 bytes a code, and then as much for the ranks of cuts.
    columnHistogram: reserve(2 * 16 * CODES),
    bestCut: reserve(entryBytes(BEST_CUT)),
    scores: reserve(words),
    gradients: reserve(words),
    hessians: reserve(words),
    labels: reserve(words),
    weights: reserve(words),
    gains: reserve(4 * GROUP_COLUMNS * groups),
    siblingGains: reserve(4 * GROUP_COLUMNS * groups),
    request: reserve(entryBytes(REQUEST)),
    sums: reserve(entryBytes(SUMS)),
    goesLeft: reserve(CODES),
  }
}

/** Bytes of a record of 64-bit floats. */
const entryBytes = (entries: Readonly<Record<string, number>>): number => 8 * Object.keys(entries).length

/** What each thread needs for itself, with its table. */
function reserveScratch(reserve: Reserve, rows: number, { groupStart, blocks }: Slots) {
  return {
    table: reserve(4 * FIELDS.length),
    nodePacked: reserve(8 * rows),
    tileCodes: reserve(BLOCK_COLUMNS * TILE_ROWS * blocks),
    spareHistogram: reserve(4 * BIN_WORDS * (groupStart.at(-1) ?? 0)),
  }
}

/** Hands out addresses one after another, each on a cache line of its own. */
function createAllocator(): Reserve {
  let next = RESERVED
  return (bytes) => {
    const at = next
    next = Math.ceil((next + bytes) / 64) * 64
    return at
  }
}
