import { assignBins, binEdges } from './binning.ts'
import { checkForecasts, checkLevel, checkRows, type Values } from './check.ts'
import { normalQuantile } from './normal.ts'
import { compactSessions } from './resample.ts'

/** How the outcomes of rows hang together within blocks of overlapping rows. */
export interface Overlap {
  /** Block of each row, numbered from 0: outcomes of different blocks are independent. */
  readonly codes: Int32Array
  readonly blocks: number
  /** Correlation of two outcomes of one block beyond what their forecasts explain, in [0, 1]. */
  readonly correlation: number
  /** Independent rows whose mean outcome would vary as much as that of these rows: at most their number. */
  readonly effectiveRows: number
}

/** Bins within which residuals are centred, so that a forecast that is off alike for a whole bin looks no more correlated. */
const BINS = 10

/**
 * The correlation of outcomes within blocks: sum of r_i r_j over pairs of one block by that of s_i s_j, where r is outcome less
 * forecast, centred within ten bins of the forecast, and s^2 = p (1 - p). Below 0 counts as 0. `blocks` holds the block of each row as a
 * code of at least 0. Effective rows are n / (1 + correlation (sum over blocks of (sum s)^2 / sum s^2 - 1)), as Kish (1965) has
 * them for equal forecasts. Throws on bad or no rows. O(rows log rows).
 */
export function overlapOf(predictions: Values, outcomes: Values, blocks: Values): Overlap {
  checkForecasts(predictions, outcomes)
  checkRows('blocks', blocks, predictions.length)
  const { codes, sessions: count } = compactSessions(blocks)
  const residuals = centred(predictions, outcomes)
  const spreads = Float64Array.from(predictions, (p) => Math.sqrt(p * (1 - p)))
  const shared = pairSum(residuals, codes, count)
  const possible = pairSum(spreads, codes, count)
  const correlation = possible > 0 ? Math.min(1, Math.max(0, shared / possible)) : 0
  const variance = spreads.reduce((sum, s) => sum + s * s, 0)
  const rows = predictions.length
  const inflation = variance > 0 ? 1 + (correlation * possible) / variance : 1
  return { codes, blocks: count, correlation, effectiveRows: rows / inflation }
}

function centred(predictions: Values, outcomes: Values): Float64Array {
  const edges = binEdges(predictions, { bins: BINS })
  const bins = assignBins(predictions, edges)
  const sums = new Float64Array(edges.length - 1)
  const counts = new Float64Array(edges.length - 1)
  const residuals = Float64Array.from(predictions, (p, row) => (outcomes[row] as number) - p)
  for (const [row, bin] of bins.entries()) {
    sums[bin] = (sums[bin] as number) + (residuals[row] as number)
    counts[bin] = (counts[bin] as number) + 1
  }
  return residuals.map(
    (value, row) => value - (sums[bins[row] as number] as number) / (counts[bins[row] as number] as number),
  )
}

/** Sum of x_i x_j over ordered pairs of different rows of one block. */
function pairSum(values: Float64Array, codes: Int32Array, blocks: number): number {
  const sums = new Float64Array(blocks)
  let squares = 0
  for (const [row, value] of values.entries()) {
    const code = codes[row] as number
    sums[code] = (sums[code] as number) + value
    squares += value * value
  }
  return sums.reduce((sum, value) => sum + value * value, 0) - squares
}

/** Effective rows among `rows` of a table whose overlap is known, as if their forecasts were equal. */
export function effectiveCount(rows: readonly number[], { codes, correlation }: Overlap): number {
  const counts = new Map<number, number>()
  for (const row of rows) counts.set(codes[row] as number, (counts.get(codes[row] as number) ?? 0) + 1)
  let squares = 0
  for (const count of counts.values()) squares += count * count
  return rows.length === 0 ? 0 : rows.length / (1 + correlation * (squares / rows.length - 1))
}

/** The band of a rate, and the independent rows that it is as wide as. */
export interface RateBand {
  readonly low: number
  readonly median: number
  readonly high: number
  readonly effectiveRows: number
}

/**
 * The band of observed rates that calibrated forecasts of overlapping rows have by chance: the mean forecast plus and minus the normal
 * quantile of `level` times its deviation, sum s^2 + correlation ((sum over blocks of (sum s)^2) - sum s^2) over n^2 with s^2 = p (1 - p),
 * cut to [0, 1]. Closed form of what `calibrationNullBand` draws, for many rows. Throws on no rows. O(rows).
 */
export function rateBand(
  predictions: Values,
  { codes, blocks, correlation }: Pick<Overlap, 'codes' | 'blocks' | 'correlation'>,
  level: number = 0.95,
): RateBand {
  checkForecasts(predictions, new Uint8Array(predictions.length))
  checkRows('codes', codes, predictions.length)
  checkLevel(level)
  const rows = predictions.length
  let mean = 0
  for (let row = 0; row < rows; row++) mean += (predictions[row] as number) / rows
  const spreads = Float64Array.from(predictions, (p) => Math.sqrt(p * (1 - p)))
  const variance = spreads.reduce((sum, s) => sum + s * s, 0)
  const total = variance + correlation * pairSum(spreads, codes, blocks)
  const half = (normalQuantile((1 + level) / 2) * Math.sqrt(total)) / rows
  return {
    low: Math.max(0, mean - half),
    median: mean,
    high: Math.min(1, mean + half),
    effectiveRows: total > 0 ? (rows * variance) / total : rows,
  }
}
