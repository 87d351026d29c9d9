/** Columns of more bins than this are searched by fewer cuts in small nodes. */
const MAX_FULL_BINS = 64

/** Cells that a column of many bins keeps at least. */
const MIN_HISTOGRAM_BINS = 15

/**
 * How many times the bins of a group are halved in a histogram made for `rows` rows, `minBins` of {@link EngineLayout}.groupMinBins:
 * the kernel says why. Those are the rows of the larger of a node and its sibling, whose histograms must match.
 */
export function resolutionShift(minBins: number, rows: number): number {
  if (minBins <= MAX_FULL_BINS || rows >= 32 * minBins) return 0
  if (rows >= 8 * minBins) return 1
  if (rows >= 2 * minBins || minBins < MIN_HISTOGRAM_BINS << 3) return 2
  return rows >= minBins || minBins < MIN_HISTOGRAM_BINS << 4 ? 3 : 4
}
