import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { assignBins, type BinningOptions, binEdges } from './binning.ts'
import { checkCount, checkForecasts, checkLevel, checkSeed, type Values } from './check.ts'
import type { Overlap } from './overlap.ts'
import { cosineSumsAt, cosineTable } from './cosine-sums.ts'
import { interpolatedQuantile } from './resample.ts'
import { COARSE, selfConsistent } from './smooth-ece.ts'

/** A statistic of outcomes for predictions that it is bound to. */
export type CalibrationStatistic = (predictions: Values) => (outcomes: Uint8Array) => number

/** ECE over bins as in `reliabilityCurve`, for {@link calibrationNullBand}: O(rows) an evaluation. */
export function eceStatistic(options: BinningOptions = {}): CalibrationStatistic {
  return (predictions) => {
    const edges = binEdges(predictions, options)
    const bins = assignBins(predictions, edges)
    const expected = new Float64Array(edges.length - 1)
    for (const [row, bin] of bins.entries()) expected[bin] = (expected[bin] as number) + (predictions[row] as number)
    const positives = new Int32Array(edges.length - 1)
    return (outcomes) => {
      positives.fill(0)
      for (let row = 0; row < bins.length; row++) {
        const bin = bins[row] as number
        positives[bin] = (positives[bin] as number) + (outcomes[row] as number)
      }
      return expected.reduce((sum, count, bin) => sum + Math.abs(count - (positives[bin] as number)), 0) / bins.length
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
  const cellTable = cosineTable(CELLS, COARSE.modes)
  return (predictions) => {
    const cells = Int32Array.from(predictions, (p) => Math.min(CELLS - 1, Math.floor(p * CELLS)))
    const residuals = new Float64Array(CELLS)
    return (outcomes) => {
      residuals.fill(0)
      for (let row = 0; row < cells.length; row++) {
        const cell = cells[row] as number
        residuals[cell] = (residuals[cell] as number) + (outcomes[row] as number) - (predictions[row] as number)
      }
      return selfConsistent(cosineSumsAt(residuals, cellTable), cells.length, table).value
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
  const draw = drawer(Float64Array.from(predictions), overlap, xoroshiro128plus(seed))
  const values = Float64Array.from({ length: samples }, () => evaluate(draw())).toSorted()
  const at = (q: number): number => interpolatedQuantile(values, q)
  return { low: at((1 - level) / 2), median: at(0.5), high: at((1 + level) / 2) }
}

/** One number in 2^32 is all that an outcome asks of a generator; that of the library for 64-bit floats takes two. */
const SCALE = 2 ** -32

/**
 * Draws outcomes, anew into the same array. A number below the share stands for the draw of the row's block; one above it is what
 * is left of the unit interval, and the outcome's own.
 */
function drawer(
  predictions: Float64Array,
  overlap: NullBandOptions['overlap'],
  random: RandomGenerator,
): () => Uint8Array {
  const outcomes = new Uint8Array(predictions.length)
  const shared = new Float64Array(overlap?.blocks ?? 0)
  const codes = overlap?.codes ?? new Int32Array(predictions.length)
  const share = overlap === undefined ? 0 : Math.sqrt(overlap.correlation)
  return () => {
    for (let block = 0; block < shared.length; block++) shared[block] = (random.next() >>> 0) * SCALE
    for (let row = 0; row < outcomes.length; row++) {
      const own = (random.next() >>> 0) * SCALE
      const p = predictions[row] as number
      const happens = own < share ? (shared[codes[row] as number] as number) < p : own - share < p * (1 - share)
      outcomes[row] = happens ? 1 : 0
    }
    return outcomes
  }
}
