// The search of a node, or of two siblings at once, block by block: while the cells of a block are in cache, they are built,
// searched, and taken away from the parent's to search the sibling.
import { build, cellRow, coarsen, gather } from './histogram.as'
import { blockCells, gains, otherGains, request } from './region.as'
import { PLAIN, scanBlock, setNode, SUBTRACT, SUBTRACT_ONLY } from './scan.as'

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
  for (let block = first; block < end; block++) {
    const offset = cellRow(block << 2)
    const cells = keep ? histogram + offset : blockCells
    build(block, from, to, cells, everyRow, resolution)
    if (flags & SEARCH) {
      setNode(load<f64>(request), load<f64>(request, 8), load<f64>(request, 16), load<f64>(request, 48))
      scanBlock(block, cells, 0, PLAIN, resolution, gains)
    }
    if (flags & SEARCH_SIBLING) {
      setNode(load<f64>(request, 24), load<f64>(request, 32), load<f64>(request, 40), load<f64>(request, 48))
      coarsen(block, parent + offset, parentResolution, resolution)
      scanBlock(block, parent + offset, cells, keep ? SUBTRACT : SUBTRACT_ONLY, resolution, otherGains)
    }
  }
}
