import type { Anchor, Encoder, Table } from '@breakwater/features'
import { createSearcher, type RetrievalIndex, type Summary } from '@breakwater/retrieval'
import { encodeAtAnchor } from '../at-anchor.ts'
import { queryOptions, rowMajor } from './ask.ts'

/** An index as `readIndex` reads it, and the anchor whose outcomes it stores. */
export interface AnchoredIndex {
  readonly index: RetrievalIndex
  readonly encoder: Encoder
  readonly anchor: Anchor
}

/**
 * Finds the touches of an index that are most like each row of a table of signals: the index's own number of them, listed nearest first,
 * with what became of them. Each row is asked as of its anchor, so only touches whose outcome was known by then are found, and never
 * the row itself. Cost: a scan of the index a row.
 */
export function nearestTouches({ index, encoder, anchor }: AnchoredIndex): (table: Table) => Summary[] {
  const searcher = createSearcher(index)
  return (table) => {
    const { matrix } = encodeAtAnchor(encoder, table, anchor)
    const width = matrix.columns.length
    const values = rowMajor(
      matrix,
      Int32Array.from({ length: table.rows }, (_, row) => row),
    )
    const optionsOf = queryOptions({ table, anchor, k: index.k })
    return Array.from({ length: table.rows }, (_, row) =>
      searcher.query(values.subarray(row * width, (row + 1) * width), { ...optionsOf(row), neighbours: true }),
    )
  }
}
