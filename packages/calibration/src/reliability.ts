import { assignBins, type BinningOptions, binEdges } from './binning.ts'
import { checkForecasts, checkLevel, type Values } from './check.ts'
import { effectiveCount, type Overlap } from './overlap.ts'
import { wilson } from './wilson.ts'

/** One bin of a reliability curve; an empty bin has count 0 and nulls. */
export interface ReliabilityBin {
  /** Least prediction that the bin takes. */
  readonly lower: number
  /** End of the bin: excluded, but for the last bin. */
  readonly upper: number
  readonly count: number
  readonly meanPrediction: number | null
  /** Share of outcomes that are 1. */
  readonly observedRate: number | null
  /** Wilson interval of the observed rate: of the bin's effective rows where their overlap is given, else of all of them. */
  readonly low: number | null
  readonly high: number | null
}

/** What was forecast against what was seen, bin by bin, by rising prediction. */
export interface ReliabilityCurve {
  readonly binning: 'quantile' | 'width'
  /** Level of the Wilson intervals. */
  readonly level: number
  readonly bins: readonly ReliabilityBin[]
}

/** How a curve is made. */
export interface ReliabilityOptions extends BinningOptions {
  /** Level of the Wilson intervals; default 0.95. */
  readonly level?: number
  /** How the rows overlap; without it they count as independent. */
  readonly overlap?: Overlap | undefined
}

/**
 * Reliability curve: predictions in bins, and in each the mean prediction beside the observed rate with its Wilson
 * (1927) interval. Bins are [lower, upper), the last one closed above. No bin is dropped: an empty one keeps its place.
 * Throws on bad or no rows. O(rows log rows).
 */
export function reliabilityCurve(
  predictions: Values,
  outcomes: Values,
  options: ReliabilityOptions = {},
): ReliabilityCurve {
  checkForecasts(predictions, outcomes)
  const { binning = 'quantile', level = 0.95, overlap } = options
  checkLevel(level)
  const edges = binEdges(predictions, options)
  const sums = Array.from({ length: edges.length - 1 }, () => ({ rows: [] as number[], prediction: 0, positives: 0 }))
  for (const [row, k] of assignBins(predictions, edges).entries()) {
    const sum = sums[k]
    if (sum === undefined) continue
    sum.rows.push(row)
    sum.prediction += predictions[row] as number
    sum.positives += outcomes[row] as number
  }
  const bins = sums.map(({ rows, prediction, positives }, k): ReliabilityBin => {
    const ends = { lower: edges[k] as number, upper: edges[k + 1] as number }
    const count = rows.length
    if (count === 0) return { ...ends, count, meanPrediction: null, observedRate: null, low: null, high: null }
    const observedRate = positives / count
    const trials = overlap === undefined ? count : effectiveCount(rows, overlap)
    return { ...ends, count, meanPrediction: prediction / count, observedRate, ...wilson(observedRate, trials, level) }
  })
  return { binning, level, bins }
}

const gaps = (curve: ReliabilityCurve): { gap: number; count: number }[] =>
  curve.bins.flatMap(({ count, meanPrediction, observedRate }) =>
    meanPrediction === null || observedRate === null ? [] : [{ gap: Math.abs(meanPrediction - observedRate), count }],
  )

/**
 * Expected calibration error of a curve: sum (n_k / N) |mean prediction - observed rate| (Naeini, Cooper and
 * Hauskrecht 2015; Guo et al. 2017, equation 3). In [0, 1]. It depends on the bins, and even a calibrated forecast
 * shows a value above 0 that falls with the rows in each bin: compare it only between curves of like bins and counts.
 */
export function expectedCalibrationError(curve: ReliabilityCurve): number {
  const parts = gaps(curve)
  const rows = parts.reduce((sum, { count }) => sum + count, 0)
  return parts.reduce((sum, { gap, count }) => sum + (count / rows) * gap, 0)
}

/**
 * Maximum calibration error of a curve: the largest |mean prediction - observed rate| of a bin that is not empty
 * (Naeini et al. 2015; Guo et al. 2017, equation 5). With few rows in a bin it mostly measures chance.
 */
export function maximumCalibrationError(curve: ReliabilityCurve): number {
  return Math.max(...gaps(curve).map(({ gap }) => gap))
}
