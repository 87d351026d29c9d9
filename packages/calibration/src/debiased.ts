import { type Measure, noValue } from './check.ts'
import { normalCdf, normalDensity } from './normal.ts'
import { expectedCalibrationError, type ReliabilityBin, type ReliabilityCurve } from './reliability.ts'

type FilledBin = ReliabilityBin & { readonly meanPrediction: number; readonly observedRate: number }

const filled = (curve: ReliabilityCurve): FilledBin[] => curve.bins.filter((bin): bin is FilledBin => bin.count > 0)

const TOO_FEW = 'a bin has only one row, so its variance is unknown'

/**
 * ECE of a curve less what sampling alone adds (Kumar, Liang and Ma 2019): 2 ECE - sum (n_k / N) E|g_k + s_k Z|, with g_k
 * the bin's gap, s_k^2 = o_k (1 - o_k) / n_k and Z standard normal; the expectation is the mean of a folded normal, in
 * closed form. May fall below 0, where the plain ECE is less than chance gives. No value where a bin holds one row.
 */
export function debiasedCalibrationError(curve: ReliabilityCurve): Measure {
  const bins = filled(curve)
  if (bins.some(({ count }) => count < 2)) return noValue(TOO_FEW)
  const rows = bins.reduce((sum, { count }) => sum + count, 0)
  const resampled = bins.reduce((sum, { count, meanPrediction, observedRate }) => {
    const deviation = Math.sqrt((observedRate * (1 - observedRate)) / count)
    return sum + (count / rows) * foldedNormalMean(observedRate - meanPrediction, deviation)
  }, 0)
  return { value: 2 * expectedCalibrationError(curve) - resampled }
}

/**
 * Root mean square gap of a curve's bins less its bias (Kumar et al. 2019, the debiased estimator of squared calibration
 * error; Broecker 2012): sqrt(max(0, sum (n_k / N) (g_k^2 - o_k (1 - o_k) / (n_k - 1)))). No value where a bin holds one
 * row.
 */
export function debiasedRootCalibrationError(curve: ReliabilityCurve): Measure {
  const bins = filled(curve)
  if (bins.some(({ count }) => count < 2)) return noValue(TOO_FEW)
  const rows = bins.reduce((sum, { count }) => sum + count, 0)
  const square = bins.reduce((sum, { count, meanPrediction, observedRate }) => {
    const bias = (observedRate * (1 - observedRate)) / (count - 1)
    return sum + (count / rows) * ((observedRate - meanPrediction) ** 2 - bias)
  }, 0)
  return { value: Math.sqrt(Math.max(0, square)) }
}

/** Mean of |X| for X normal with this mean and deviation. */
function foldedNormalMean(mean: number, deviation: number): number {
  if (deviation === 0) return Math.abs(mean)
  const z = mean / deviation
  return 2 * deviation * normalDensity(z) + mean * (1 - 2 * normalCdf(-z))
}
