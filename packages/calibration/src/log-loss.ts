import { checkForecasts, type Values } from './check.ts'

/** Least distance from 0 and 1 that a probability is given before its logarithm is taken. */
export const LOG_LOSS_EPSILON = 1e-15

/** -ln of the probability given to the outcome that came, the probability clipped to [epsilon, 1 - epsilon]. */
export function surprise(probability: number, outcome: number, epsilon: number = LOG_LOSS_EPSILON): number {
  const p = Math.min(1 - epsilon, Math.max(epsilon, probability))
  return outcome === 1 ? -Math.log(p) : -Math.log1p(-p)
}

/**
 * Mean negative log likelihood in nats: -(1/N) sum y ln p + (1 - y) ln (1 - p) (Good 1952). Probabilities are clipped
 * to [epsilon, 1 - epsilon] with epsilon 1e-15, so a certain forecast that fails costs 34.5 and not infinity.
 * Throws on bad or no rows. O(rows).
 */
export function logLoss(predictions: Values, outcomes: Values): number {
  checkForecasts(predictions, outcomes)
  let sum = 0
  for (let row = 0; row < predictions.length; row++)
    sum += surprise(predictions[row] as number, outcomes[row] as number)
  return sum / predictions.length
}
