// The search of a node, or of two siblings at once, block by block: while the histogram of a block is in cache, it is built,
// searched, and subtracted from the parent's to search the sibling.
import { histogramOffset, clear, coarsen } from './resolution.as'
import {
  REQUEST_GRADIENT,
  REQUEST_HESSIAN,
  REQUEST_L2,
  REQUEST_MIN_HESSIAN,
  REQUEST_PARENT_ROWS,
  REQUEST_ROWS,
  REQUEST_SIBLING_GRADIENT,
  REQUEST_SIBLING_HESSIAN,
  REQUEST_SIBLING_MIN_HESSIAN,
  SEARCH_EVERY_ROW,
  SEARCH_KEEP,
  SEARCH_NODE,
  SEARCH_SIBLING,
  TILE_ROWS,
} from './constants.as'
import { add, gather } from './histogram.as'
import { gains, nodePacked, siblingGains, packed, request, spareHistogram } from './region.as'
import { PLAIN, scanBlock, setNode, SUBTRACT, SUBTRACT_ONLY } from './scan.as'
import { fillTile } from './tile.as'

/** See `Kernel.search` in ../kernel.ts. */
export function search(from: i32, to: i32, histogram: usize, parent: usize, first: i32, end: i32, flags: i32): void {
  const everyRow = (flags & SEARCH_EVERY_ROW) != 0
  const keep = (flags & SEARCH_KEEP) != 0
  const resolution = <i32>load<f64>(request, REQUEST_ROWS)
  const parentResolution = <i32>load<f64>(request, REQUEST_PARENT_ROWS)
  if (!everyRow) gather(from, to)
  // Where rows take several tiles, the histograms of all blocks are kept until the last.
  const whole = keep || to - from > TILE_ROWS
  const histogramAt = keep ? histogram : spareHistogram
  const derivatives = everyRow ? packed + ((<usize>from) << 3) : nodePacked
  let at = from
  do {
    const stop = min(at + TILE_ROWS, to)
    fillTile(first, end, at, stop, everyRow, resolution)
    for (let block = first; block < end; block++) {
      const offset = histogramOffset(block << 2)
      const bins = whole ? histogramAt + offset : spareHistogram
      if (at == from) clear(block, bins, resolution)
      add(block, block - first, bins, derivatives + ((<usize>(at - from)) << 3), stop - at)
      if (stop == to) rank(block, bins, parent + offset, flags, resolution, parentResolution)
    }
    at = stop
  } while (at < to)
}

/** Ranks the cuts of a block in the node, in its sibling or in both. */
function rank(block: i32, bins: usize, parent: usize, flags: i32, rows: i32, parentRows: i32): void {
  if (flags & SEARCH_NODE) {
    setNode(
      load<f64>(request, REQUEST_GRADIENT),
      load<f64>(request, REQUEST_HESSIAN),
      load<f64>(request, REQUEST_MIN_HESSIAN),
      load<f64>(request, REQUEST_L2),
    )
    scanBlock(block, bins, 0, PLAIN, rows, gains)
  }
  if (flags & SEARCH_SIBLING) {
    setNode(
      load<f64>(request, REQUEST_SIBLING_GRADIENT),
      load<f64>(request, REQUEST_SIBLING_HESSIAN),
      load<f64>(request, REQUEST_SIBLING_MIN_HESSIAN),
      load<f64>(request, REQUEST_L2),
    )
    coarsen(block, parent, parentRows, rows)
    scanBlock(block, parent, bins, flags & SEARCH_KEEP ? SUBTRACT : SUBTRACT_ONLY, rows, siblingGains)
  }
}
