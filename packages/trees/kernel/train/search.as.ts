// The search of a node, or of two siblings at once, block by block: while the cells of a block are in cache, they are built,
// searched, and taken away from the parent's to search the sibling.
import { histogramOffset, clear, coarsen } from './resolution.as'
import { add, gather } from './histogram.as'
import { gains, nodePacked, otherGains, packed, request, spareHistogram } from './region.as'
import { PLAIN, scanBlock, setNode, SUBTRACT, SUBTRACT_ONLY } from './scan.as'
import { TILE_ROWS, fillTile } from './tile.as'

/** Bits of `flags`; src/engine/kernel.ts has the same. */
const EVERY_ROW: i32 = 1
const SEARCH: i32 = 2
const SEARCH_SIBLING: i32 = 4
const KEEP: i32 = 8

/** See src/engine/kernel.ts. */
export function search(from: i32, to: i32, histogram: usize, parent: usize, first: i32, end: i32, flags: i32): void {
  const everyRow = (flags & EVERY_ROW) != 0
  const keep = (flags & KEEP) != 0
  const resolution = <i32>load<f64>(request, 56)
  const parentResolution = <i32>load<f64>(request, 64)
  if (!everyRow) gather(from, to)
  // Where rows take several tiles, the cells of all blocks are kept until the last.
  const whole = keep || to - from > TILE_ROWS
  const histogramAt = keep ? histogram : spareHistogram
  const derivatives = everyRow ? packed + ((<usize>from) << 3) : nodePacked
  let at = from
  do {
    const stop = min(at + TILE_ROWS, to)
    fillTile(first, end, at, stop, everyRow, resolution)
    for (let block = first; block < end; block++) {
      const offset = histogramOffset(block << 2)
      const cells = whole ? histogramAt + offset : spareHistogram
      if (at == from) clear(block, cells, resolution)
      add(block, block - first, cells, derivatives + ((<usize>(at - from)) << 3), stop - at)
      if (stop == to) rank(block, cells, parent + offset, flags, resolution, parentResolution)
    }
    at = stop
  } while (at < to)
}

/** Ranks the cuts of a block in the node, in its sibling or in both. */
function rank(block: i32, cells: usize, parent: usize, flags: i32, rows: i32, parentRows: i32): void {
  if (flags & SEARCH) {
    setNode(load<f64>(request), load<f64>(request, 8), load<f64>(request, 16), load<f64>(request, 48))
    scanBlock(block, cells, 0, PLAIN, rows, gains)
  }
  if (flags & SEARCH_SIBLING) {
    setNode(load<f64>(request, 24), load<f64>(request, 32), load<f64>(request, 40), load<f64>(request, 48))
    coarsen(block, parent, parentRows, rows)
    scanBlock(block, parent, cells, flags & KEEP ? SUBTRACT : SUBTRACT_ONLY, rows, otherGains)
  }
}
