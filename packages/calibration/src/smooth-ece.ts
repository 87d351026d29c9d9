import { checkForecasts, type Values } from './check.ts'
import { type CosineTable, cosineSums, cosineTable, smooth } from './cosine-sums.ts'

/** Resolution of smooth calibration errors: cosines kept, and cells that the integral is taken over. */
interface Resolution {
  readonly modes: number
  readonly points: number
}

const FINE: Resolution = { modes: 512, points: 1024 }
/** For statistics that are computed thousands of times. */
export const COARSE: Resolution = { modes: 128, points: 128 }

const MOST_STEPS = 100
const TOLERANCE = 1e-9

/** The table of the fine resolution, 4 MiB, made when it is first asked for. */
let fineTable: CosineTable | undefined

/** Kernels narrower than this many half waves of the highest cosine would ring. */
const RESOLVED = 4.3 / Math.PI

/** A smooth calibration error and the bandwidth that it chose for itself: equal, unless the bandwidth is the least one. */
export interface SmoothCalibrationError {
  readonly value: number
  readonly sigma: number
}

/**
 * Smooth ECE (Blasiok and Nakkiran 2023): the residuals y_i - p_i smoothed along p by a Gaussian kernel reflected at 0
 * and 1, and the integral of what remains, smECE_s = integral |(1/N) sum K_s(t, p_i) (y_i - p_i)| dt, at the bandwidth s
 * where smECE_s = s. No bins to choose; consistent, and it changes continuously with the predictions. In [0, 1]; like
 * ECE it is above 0 for calibrated forecasts too. An error below 0.0027, the least bandwidth, is the one at that
 * bandwidth. Throws on bad or no rows.
 * O(rows x 512).
 */
export function smoothCalibrationError(predictions: Values, outcomes: Values): SmoothCalibrationError {
  checkForecasts(predictions, outcomes)
  const residual = (row: number): number => (outcomes[row] as number) - (predictions[row] as number)
  const sums = cosineSums(predictions, residual, FINE.modes)
  fineTable ??= cosineTable(FINE.points, FINE.modes)
  return selfConsistent(sums, predictions.length, fineTable)
}

/**
 * The fixed point of smECE_s in s, from cosine sums of residuals. smECE_s falls with s, so smECE_s - s has one root, between
 * the least bandwidth and the error there, and falls at least as fast as s grows: where its size is within the tolerance, so
 * is the distance to the root. Found by false position with the Illinois rule (Dowell and Jarratt 1971).
 */
export function selfConsistent(sums: Float64Array, rows: number, table: CosineTable): SmoothCalibrationError {
  const at = (sigma: number): number => {
    let sum = 0
    for (const value of smooth(sums, sigma, table)) sum += Math.abs(value)
    return sum / (rows * table.points)
  }
  const least = RESOLVED / table.modes
  const first = at(least)
  if (first <= least) return { value: first, sigma: least }
  const low = { sigma: least, excess: first - least }
  const high = { sigma: first, excess: at(first) - first }
  let kept: 'low' | 'high' | undefined
  for (let i = 0; i < MOST_STEPS && -high.excess > TOLERANCE; i++) {
    const sigma = low.sigma + ((high.sigma - low.sigma) * low.excess) / (low.excess - high.excess)
    const excess = at(sigma) - sigma
    if (Math.abs(excess) <= TOLERANCE) return { value: sigma + excess, sigma }
    // An end that stays twice holds the next guess back: its excess is halved.
    const side = excess > 0 ? low : high
    const other = excess > 0 ? high : low
    if (kept === (excess > 0 ? 'high' : 'low')) other.excess /= 2
    kept = excess > 0 ? 'high' : 'low'
    side.sigma = sigma
    side.excess = excess
  }
  return { value: at(high.sigma), sigma: high.sigma }
}
