import type { Law } from './law.ts'

/** How the answers of a law are shifted by what became of its forecasts. Plain data. */
export interface LawCalibration {
  /** Added to the logarithm of the volatility forecast. */
  readonly volatility: number
  /** Added to every tilt, in standard deviations of the drift. */
  readonly drift: number
  /** Power of the weights, positive: below 1 the experts are more alike, above 1 the likely ones count for more. */
  readonly power: number
}

/** Changes nothing. */
export const NO_CALIBRATION: LawCalibration = { volatility: 0, drift: 0, power: 1 }

/** The law with its weights raised to a power, with sum 1 again; the same law for the power 1. */
export function poweredLaw(law: Law, power: number): Law {
  return power === 1 ? law : { ...law, weights: poweredWeights(law.weights, power) }
}

/** Weights to a power, with sum 1. A weight of 0 stays 0. */
export function poweredWeights(weights: readonly number[], power: number): number[] {
  const raised = weights.map((weight) => weight ** power)
  const sum = raised.reduce((total, value) => total + value, 0)
  return raised.map((value) => value / sum)
}
