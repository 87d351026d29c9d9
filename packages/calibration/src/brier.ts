import { assignBins, type BinningOptions, binEdges } from './binning.ts'
import { checkForecasts, type Measure, noValue, type Values } from './check.ts'

/**
 * Mean squared difference of probability and outcome, in [0, 1], 0 is perfect (Brier 1950, halved to one class as is
 * usual): (1/N) sum (p_i - y_i)^2. Throws on bad or no rows. O(rows).
 */
export function brierScore(predictions: Values, outcomes: Values): number {
  checkForecasts(predictions, outcomes)
  let sum = 0
  for (let row = 0; row < predictions.length; row++) {
    sum += ((predictions[row] as number) - (outcomes[row] as number)) ** 2
  }
  return sum / predictions.length
}

/**
 * 1 - score / reference for a score whose best value is 0 (Brier, log loss, MAE): 1 is perfect, 0 as good as the
 * reference, negative worse. No value where the reference is 0, for nothing improves on perfection.
 */
export function skill(score: number, reference: number): Measure {
  return reference > 0 ? { value: 1 - score / reference } : noValue('the reference forecast is already perfect')
}

/**
 * Parts of the Brier score over bins k of n_k forecasts, mean forecast f_k and observed rate o_k, with o the rate of
 * all N rows. To rounding, brier = reliability - resolution + uncertainty + withinVariance - withinCovariance.
 */
export interface BrierDecomposition {
  readonly brier: number
  /** (1/N) sum n_k (f_k - o_k)^2: how far forecasts are from what follows them; 0 is calibrated. */
  readonly reliability: number
  /** (1/N) sum n_k (o_k - o)^2: how far the bins' rates lie from the overall rate; more is better. */
  readonly resolution: number
  /** o (1 - o): the Brier score of always forecasting o. */
  readonly uncertainty: number
  /** (1/N) sum over rows (f_i - f_k)^2: forecasts differ inside a bin. */
  readonly withinVariance: number
  /** (2/N) sum over rows (f_i - f_k) (y_i - o_k): and may be right to differ. */
  readonly withinCovariance: number
}

/**
 * Murphy's (1973) decomposition of the Brier score, with the two terms that make it exact when forecasts inside a bin
 * differ (Stephenson, Coelho and Jolliffe 2008, "Two extra components in the Brier score decomposition").
 * Bins as in `reliabilityCurve`. Throws on bad or no rows. O(rows log rows).
 */
export function brierDecomposition(
  predictions: Values,
  outcomes: Values,
  options: BinningOptions = {},
): BrierDecomposition {
  const brier = brierScore(predictions, outcomes)
  const edges = binEdges(predictions, options)
  const bins = assignBins(predictions, edges)
  const { counts, forecast, rate } = binMeans(predictions, outcomes, bins, edges.length - 1)
  const rows = predictions.length
  const overall = rate.reduce((sum, r, k) => sum + r * (counts[k] as number), 0) / rows
  const weighted = (term: (k: number) => number): number =>
    counts.reduce((sum, count, k) => sum + (count > 0 ? count * term(k) : 0), 0) / rows
  const gap = (k: number): number => (forecast[k] as number) - (rate[k] as number)
  return {
    brier,
    reliability: weighted((k) => gap(k) ** 2),
    resolution: weighted((k) => ((rate[k] as number) - overall) ** 2),
    uncertainty: overall * (1 - overall),
    ...withinTerms(predictions, outcomes, bins, forecast, rate),
  }
}

interface BinMeans {
  readonly counts: Float64Array
  readonly forecast: Float64Array
  readonly rate: Float64Array
}

/** Count, mean forecast and observed rate by bin; 0 in empty bins. */
function binMeans(predictions: Values, outcomes: Values, bins: Int32Array, count: number): BinMeans {
  const counts = new Float64Array(count)
  const forecast = new Float64Array(count)
  const rate = new Float64Array(count)
  for (let row = 0; row < bins.length; row++) {
    const k = bins[row] as number
    counts[k] = (counts[k] as number) + 1
    forecast[k] = (forecast[k] as number) + (predictions[row] as number)
    rate[k] = (rate[k] as number) + (outcomes[row] as number)
  }
  const perRow = (sum: number, k: number): number => sum / Math.max(1, counts[k] as number)
  return { counts, forecast: forecast.map(perRow), rate: rate.map(perRow) }
}

function withinTerms(
  predictions: Values,
  outcomes: Values,
  bins: Int32Array,
  forecast: Float64Array,
  rate: Float64Array,
): Pick<BrierDecomposition, 'withinVariance' | 'withinCovariance'> {
  let variance = 0
  let covariance = 0
  for (let row = 0; row < bins.length; row++) {
    const k = bins[row] as number
    const deviation = (predictions[row] as number) - (forecast[k] as number)
    variance += deviation ** 2
    covariance += deviation * ((outcomes[row] as number) - (rate[k] as number))
  }
  return { withinVariance: variance / bins.length, withinCovariance: (2 * covariance) / bins.length }
}
