import { checkForecasts, checkRows, type Values } from './check.ts'
import { twoSidedP } from './normal.ts'
import { compactSessions } from './resample.ts'

/** A test of calibration; `z` and `p` are null together, and `reason` explains why. */
export interface CalibrationTest {
  /** Standard normal where forecasts are calibrated; above 0 for a Brier score worse than the forecasts promise. */
  readonly z: number | null
  /** Two-sided p-value, in [0, 1]. */
  readonly p: number | null
  readonly reason?: string
}

/**
 * Spiegelhalter's (1986) test of calibration: z = sum (y - p)(1 - 2p) / sqrt(sum (1 - 2p)^2 p (1 - p)), the Brier score
 * less what it should be if every forecast were right, over its deviation. It takes rows as independent.
 *
 * With `sessions` the deviation is instead that of the sums by session, sqrt(sum_s (sum_{i in s} (y - p)(1 - 2p))^2), so
 * that rows of one session may depend on each other; it needs many sessions (20 or more) to be normal. No value where
 * the variance is 0: every forecast 0, 1 or one half, or (with sessions) fewer than two. Throws on bad or no rows.
 * O(rows).
 */
export function spiegelhalterTest(predictions: Values, outcomes: Values, sessions?: Values): CalibrationTest {
  checkForecasts(predictions, outcomes)
  let excess = 0
  let variance = 0
  for (let row = 0; row < predictions.length; row++) {
    const p = predictions[row] as number
    excess += term(p, outcomes[row] as number)
    variance += (1 - 2 * p) ** 2 * p * (1 - p)
  }
  if (!(variance > 0)) return { z: null, p: null, reason: 'every forecast is 0, 1 or one half, so nothing can vary' }
  if (sessions === undefined) return test(excess / Math.sqrt(variance))
  checkRows('sessions', sessions, predictions.length)
  const blocks = compactSessions(sessions)
  if (blocks.sessions < 2) return { z: null, p: null, reason: 'fewer than two sessions' }
  const sums = new Float64Array(blocks.sessions)
  for (const [row, code] of blocks.codes.entries()) {
    sums[code] = (sums[code] as number) + term(predictions[row] as number, outcomes[row] as number)
  }
  const squares = sums.reduce((sum, value) => sum + value ** 2, 0)
  if (!(squares > 0))
    return { z: null, p: null, reason: 'every session has exactly its expected score, so nothing varies' }
  return test(excess / Math.sqrt(squares))
}

const term = (p: number, outcome: number): number => (outcome - p) * (1 - 2 * p)

const test = (z: number): CalibrationTest => ({ z, p: twoSidedP(z) })
