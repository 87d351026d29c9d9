import type { SweepConfig } from './config.ts'
import { rankTrials } from './score.ts'

/** A trial with its score on the folds of a rung. */
interface Scored {
  readonly number: number
  readonly value: number | null
}

/**
 * How many inner folds trials are trained on, rung by rung, the last all: successive halving (Jamieson and Talwalkar 2016,
 * "Non-stochastic best arm identification and hyperparameter optimization", AISTATS), with folds as the budget. `eta` is at least 2.
 * Without it there is one rung.
 */
export function rungsOf(folds: number, eta: number | undefined): number[] {
  const rungs = [folds]
  if (eta === undefined) return rungs
  for (let rung = Math.floor(folds / eta); rung >= 1; rung = Math.floor(rung / eta)) rungs.unshift(rung)
  return rungs
}

/** The best trials of a rung, one in `eta`, rounded up; ties go to the earlier trial. Trials without a value stay behind. */
export function survivorsOf<T extends Scored>(trials: readonly T[], metric: SweepConfig['metric'], eta: number): T[] {
  const valued = trials.filter(({ value }) => value !== null)
  return rankTrials(valued, metric).slice(0, Math.ceil(trials.length / eta))
}
