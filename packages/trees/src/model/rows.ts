/** Indices of the rows from 0 to `rows` (exclusive) that `keep` accepts, ascending. */
export function selectedRows(rows: number, keep: (row: number) => boolean): Int32Array {
  const indices = new Int32Array(rows)
  let count = 0
  for (let r = 0; r < rows; r++) if (keep(r)) indices[count++] = r
  return indices.slice(0, count)
}
