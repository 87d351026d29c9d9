/** Columns of more bins than this are searched by fewer cuts in small nodes. */
const MANY_BINS = 64

/** Cells that a column of many bins keeps at least. */
const FEWEST_CELLS = 15

/**
 * How many times the bins of a group are halved in a histogram made for `rows` rows, `fewest` of {@link EngineLayout}.groupFewest:
 * the kernel says why. Those are the rows of the larger of a node and its sibling, whose histograms must match.
 */
export function resolutionShift(fewest: number, rows: number): number {
  if (fewest <= MANY_BINS || rows >= 32 * fewest) return 0
  if (rows >= 8 * fewest) return 1
  if (rows >= 2 * fewest || fewest < FEWEST_CELLS << 3) return 2
  return rows >= fewest || fewest < FEWEST_CELLS << 4 ? 3 : 4
}
