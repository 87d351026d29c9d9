/** Rows between two yields of the steps below: some milliseconds of work. */
export const STEP_ROWS: number = 2 ** 18

/**
 * The rows by rising minute, rows of one minute in the order in which they stand: a merge sort from the bottom up, which yields
 * every {@link STEP_ROWS} rows so that a caller can look whether it is to go on. `minutes` are by row. Cost: log2 of the rows
 * passes, each a copy where the rows are in order already; memory for the rows twice.
 */
export function* sortRows(minutes: Float64Array, rows: Uint32Array): Generator<void, Uint32Array> {
  let [from, to] = [rows.slice(), new Uint32Array(rows.length)]
  for (let width = 1; width < rows.length; width *= 2) {
    for (let start = 0, taken = 0; start < rows.length; start += 2 * width) {
      const middle = Math.min(start + width, rows.length)
      const end = Math.min(start + 2 * width, rows.length)
      for (let [at, left, right] = [start, start, middle]; at < end; at++) {
        const isLeft = left < middle && (right >= end || key(minutes, from, left) <= key(minutes, from, right))
        to[at] = (isLeft ? from[left++] : from[right++]) as number
        if (++taken % STEP_ROWS === 0) yield
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}

const key = (minutes: Float64Array, rows: Uint32Array, at: number): number => minutes[rows[at] as number] as number
