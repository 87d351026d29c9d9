import { checkFinite, checkWithin } from './check.ts'
import type { EnsembleResult } from './ensemble.ts'
import { type FeasibilityMask, shiftLogit } from './feasibility.ts'

/** Probabilities of what a touch comes to: they add up to 1. */
export interface OutcomeProbabilities {
  /** P($2 is reached and the level breaks). */
  readonly pBreak: number
  /** P($2 is reached and the level bounces). */
  readonly pBounce: number
  /** P($2 is not reached). */
  readonly pNeither: number
  /** P(break | tradeable) after the gate. */
  readonly breakGivenTradeable: number
  readonly bounceGivenTradeable: number
  /** What the gate added to break given tradeable. */
  readonly gateShift: number
}

/**
 * The three outcomes of a touch from P(tradeable) and the gated P(break | tradeable). Break and bounce are conditional
 * on tradeable until here; 1 - P(break) would count every touch that goes nowhere as a bounce. Throws on a `tradeable`
 * that is not a probability.
 */
export function outcomeProbabilities(
  tradeable: number,
  ensemble: Pick<EnsembleResult, 'breakGivenTradeable'>,
  gate: Pick<FeasibilityMask, 'breakLogitBias'>,
): OutcomeProbabilities {
  checkWithin('tradeable', tradeable, [0, 1], 'Pass the calibrated probability of the tradeable head.')
  const gated = shiftLogit(ensemble.breakGivenTradeable, gate.breakLogitBias)
  return {
    pBreak: tradeable * gated,
    pBounce: tradeable * (1 - gated),
    pNeither: 1 - tradeable,
    breakGivenTradeable: gated,
    bounceGivenTradeable: 1 - gated,
    gateShift: gated - ensemble.breakGivenTradeable,
  }
}

/**
 * Dollars to be had, at least 0: P(tradeable) x |signed strength|. It knows neither costs nor how unsure the parts are.
 * Throws on what is not a probability, and on a strength that is not finite.
 */
export function utilityScore(tradeable: number, strengthSigned: number): number {
  checkWithin('tradeable', tradeable, [0, 1], 'Pass the calibrated probability of the tradeable head.')
  checkFinite('strengthSigned', strengthSigned, 'Leave the target without a utility where strength is missing.')
  return tradeable * Math.abs(strengthSigned)
}
