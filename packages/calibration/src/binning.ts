import { checkCount, type Values } from './check.ts'

/** How predictions are put into bins. */
export interface BinningOptions {
  /**
   * 'quantile' (default) makes bins of equal count: edges are order statistics of the predictions, from the least to
   * the greatest. 'width' makes bins of equal width over [0, 1].
   */
  readonly binning?: 'quantile' | 'width'
  /** Number of bins; default 10. */
  readonly bins?: number
}

/**
 * The `bins + 1` edges, rising but not strictly. Bin k is [edge k, edge k+1), the last one closed above; where tied
 * predictions make two edges equal, the bin between them is empty. With distinct predictions the counts of quantile
 * bins differ by at most one. O(rows log rows) by quantile, O(bins) by width.
 */
export function binEdges(predictions: Values, { binning = 'quantile', bins = 10 }: BinningOptions): Float64Array {
  checkCount('bins', bins, 1)
  if (binning === 'width') return Float64Array.from({ length: bins + 1 }, (_, k) => k / bins)
  const sorted = Float64Array.from(predictions).toSorted()
  const rank = (k: number): number => Math.min(sorted.length - 1, Math.floor((k * sorted.length) / bins))
  return Float64Array.from({ length: bins + 1 }, (_, k) => sorted[rank(k)] as number)
}

/** Bin of each prediction: the last bin whose lower edge is not above it. O(rows log bins). */
export function assignBins(predictions: Values, edges: Float64Array): Int32Array {
  const bins = edges.length - 1
  return Int32Array.from({ length: predictions.length }, (_, row) =>
    lastAtMost(edges, bins, predictions[row] as number),
  )
}

/** Greatest k < bins with edges[k] <= value, by bisection; 0 where there is none. */
function lastAtMost(edges: Float64Array, bins: number, value: number): number {
  let low = 0
  let high = bins
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((edges[middle] as number) <= value) low = middle
    else high = middle
  }
  return low
}
