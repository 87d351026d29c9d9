import { checkFinite, checkLevel, checkRows, checkTargets, type Values } from './check.ts'

/**
 * Mean quantile loss (pinball loss; Koenker and Bassett 1978) of forecasts of the quantile `level` in (0, 1):
 * (1/N) sum max(level (y - q), (level - 1) (y - q)), in the target's unit. Least in expectation at the true quantile.
 * Throws on bad or no rows. O(rows).
 */
export function quantileLoss(predictions: Values, targets: Values, level: number): number {
  checkTargets(predictions, targets)
  checkLevel(level)
  let sum = 0
  for (let row = 0; row < predictions.length; row++) {
    const over = (targets[row] as number) - (predictions[row] as number)
    sum += Math.max(level * over, (level - 1) * over)
  }
  return sum / predictions.length
}

/** How forecast intervals did. */
export interface IntervalScores {
  /** Share of the targets inside [low, high], ends included. */
  readonly coverage: number
  readonly meanWidth: number
  /**
   * Winkler's (1972) interval score for intervals of `level`, less is better: width, plus 2 / (1 - level) times the distance
   * of a target outside.
   */
  readonly intervalScore: number
}

/** Coverage, width and interval score of closed intervals [low, high]. Throws where low > high. O(rows). */
export function intervalScores(low: Values, high: Values, targets: Values, level: number): IntervalScores {
  checkTargets(low, targets)
  checkRows('high', high, low.length)
  checkFinite('high', high)
  checkLevel(level)
  let covered = 0
  let width = 0
  let penalty = 0
  for (let row = 0; row < low.length; row++) {
    const [least, most, target] = [low[row], high[row], targets[row]] as [number, number, number]
    if (least > most) {
      throw new RangeError(
        `calibration: high[${row}]=${most}: must be at least low[${row}]=${least}. Are they swapped?`,
      )
    }
    const outside = Math.max(least - target, target - most, 0)
    if (outside === 0) covered++
    width += most - least
    penalty += outside
  }
  const meanWidth = width / low.length
  return {
    coverage: covered / low.length,
    meanWidth,
    intervalScore: meanWidth + (2 / (1 - level)) * (penalty / low.length),
  }
}
