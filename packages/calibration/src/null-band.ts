import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { assignBins, type BinningOptions, binEdges } from './binning.ts'
import { checkCount, checkForecasts, checkLevel, checkSeed, type Values } from './check.ts'
import type { Overlap } from './overlap.ts'
import { cosineSums, cosineTable } from './cosine-sums.ts'
import { interpolatedQuantile } from './resample.ts'
import { COARSE, selfConsistent } from './smooth-ece.ts'

/** A statistic of outcomes for predictions that it is bound to. */
export type CalibrationStatistic = (predictions: Values) => (outcomes: Uint8Array) => number

/** ECE over bins as in `reliabilityCurve`, for {@link calibrationNullBand}: O(rows) an evaluation. */
export function eceStatistic(options: BinningOptions = {}): CalibrationStatistic {
  return (predictions) => {
    const edges = binEdges(predictions, options)
    const bins = assignBins(predictions, edges)
    const gaps = new Float64Array(edges.length - 1)
    return (outcomes) => {
      gaps.fill(0)
      for (let row = 0; row < bins.length; row++) {
        const bin = bins[row] as number
        gaps[bin] = (gaps[bin] as number) + (predictions[row] as number) - (outcomes[row] as number)
      }
      return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / bins.length
    }
  }
}

/** Cells that predictions are rounded to where a smooth error is taken of many sets of outcomes. */
const CELLS = 512

/**
 * Smooth ECE at the coarser resolution of resampling and with predictions rounded to 1/512, for
 * {@link calibrationNullBand}: O(rows + 512 x 128) an evaluation.
 */
export function smoothEceStatistic(): CalibrationStatistic {
  const table = cosineTable(COARSE.points, COARSE.modes)
  const centres = Float64Array.from({ length: CELLS }, (_, cell) => (cell + 0.5) / CELLS)
  return (predictions) => {
    const cells = Int32Array.from(predictions, (p) => Math.min(CELLS - 1, Math.floor(p * CELLS)))
    const residuals = new Float64Array(CELLS)
    return (outcomes) => {
      residuals.fill(0)
      for (let row = 0; row < cells.length; row++) {
        const cell = cells[row] as number
        residuals[cell] = (residuals[cell] as number) + (outcomes[row] as number) - (predictions[row] as number)
      }
      const sums = cosineSums(centres, (cell) => residuals[cell] as number, COARSE.modes)
      return selfConsistent(sums, cells.length, table).value
    }
  }
}

/** What a statistic is where forecasts are perfectly calibrated. */
export interface NullBand {
  /** Quantiles of the statistic: (1 - level) / 2, one half, (1 + level) / 2. */
  readonly low: number
  readonly median: number
  readonly high: number
}

/** How a null band is simulated. */
export interface NullBandOptions {
  /** Seed of the outcomes, a whole number. */
  readonly seed: number
  /** Simulated sets of outcomes; default 200. */
  readonly samples?: number
  /** Level of the band; default 0.95. */
  readonly level?: number
  /** How the rows overlap; without it they are drawn as independent. */
  readonly overlap?: Pick<Overlap, 'codes' | 'blocks' | 'correlation'> | undefined
}

/**
 * The band of a calibration error under perfect calibration (Broecker and Smith 2007, consistency resampling): outcomes
 * are drawn true with the forecast probability, again and again, and the statistic is taken of each set. An error inside
 * the band is what calibrated forecasts show by chance; outside, they are not calibrated. Where rows overlap, two outcomes
 * of one block share their draw with the probability of their correlation: each outcome takes its block's draw with the square root of
 * it, else its own. Throws on bad or no rows. O(samples x one evaluation).
 */
export function calibrationNullBand(
  predictions: Values,
  statistic: CalibrationStatistic,
  { seed, samples = 200, level = 0.95, overlap }: NullBandOptions,
): NullBand {
  checkForecasts(predictions, new Uint8Array(predictions.length))
  checkCount('samples', samples, 1)
  checkLevel(level)
  checkSeed(seed)
  const evaluate = statistic(predictions)
  const random = xoroshiro128plus(seed)
  const outcomes = new Uint8Array(predictions.length)
  const shared = new Float64Array(overlap?.blocks ?? 0)
  const share = Math.sqrt(overlap?.correlation ?? 0)
  // A draw below the share stands for its block's; above it what is left is uniform again, and the outcome's own.
  const draw = (row: number): number => {
    const own = uniformFloat64(random)
    return overlap === undefined || own >= share
      ? (own - share) / (1 - share)
      : (shared[overlap.codes[row] as number] as number)
  }
  const values = Float64Array.from({ length: samples }, () => {
    for (let block = 0; block < shared.length; block++) shared[block] = uniformFloat64(random)
    for (let row = 0; row < outcomes.length; row++) outcomes[row] = Number(draw(row) < (predictions[row] as number))
    return evaluate(outcomes)
  }).toSorted()
  const at = (q: number): number => interpolatedQuantile(values, q)
  return { low: at((1 - level) / 2), median: at(0.5), high: at((1 + level) / 2) }
}
