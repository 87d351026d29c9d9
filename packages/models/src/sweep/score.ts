import { type BestTrial, chooseBest, METRICS } from '@breakwater/calibration'
import type { SweepConfig } from './config.ts'
import type { SweepQuestion } from './question.ts'
import type { FinishedTrial } from './state.ts'
import type { TrialScore } from './trials.ts'

/** Seed of the resamples behind the correction of the best trial. */
const CHOICE_SEED = 7

/** The metric of a sweep for the forecasts of one trial, one for each scored row; on the rows of its first `most` folds alone. */
export function scoreTrial(
  forecasts: Float64Array,
  { targets, folds, plan }: SweepQuestion,
  { name }: SweepConfig['metric'],
  most: number = plan.folds.length,
): TrialScore {
  const on = (keep: (row: number) => boolean): number | null => {
    const rows = [...forecasts.keys()].filter(keep)
    if (rows.length === 0) return null
    return METRICS[name].estimate({
      forecasts: Float64Array.from(rows, (row) => forecasts[row] as number),
      targets: Float64Array.from(rows, (row) => targets[row] as number),
    })
  }
  const asked = plan.folds.slice(0, most).map(({ index }) => index)
  const isAsked = new Set(asked)
  return {
    value: on((row) => isAsked.has(folds[row] as number)),
    folds: asked.map((index) => on((row) => folds[row] === index)),
  }
}

/** The results from best to worst; those without a value last, ties in order of their trials. */
export function rankTrials<T extends { readonly value: number | null }>(
  results: readonly T[],
  { name }: SweepConfig['metric'],
): T[] {
  const sign = METRICS[name].better === 'higher' ? -1 : 1
  const cost = ({ value }: T): number => (value === null ? Infinity : sign * value)
  return results.toSorted((a, b) => {
    const [one, other] = [cost(a), cost(b)]
    return one === other ? 0 : one - other
  })
}

/** The best of several trials, by its number, corrected for the choice as `chooseBest` of `@breakwater/calibration` does. */
export interface ChosenTrial extends Omit<BestTrial, 'best'> {
  readonly number: number
}

/**
 * The best of the trials that have a value; null where none has. Throws where a trial was scored on other rows than those of
 * the question: the signals changed since.
 */
export function chooseTrial(
  trials: readonly FinishedTrial[],
  { targets, sessions }: SweepQuestion,
  { name }: SweepConfig['metric'],
): ChosenTrial | null {
  const scored = trials.filter(({ result }) => result.value !== null)
  if (scored.length === 0) return null
  const other = scored.find(({ forecasts }) => forecasts.length !== targets.length)
  if (other !== undefined) {
    throw new Error(
      `models: trial ${other.result.number} was scored on ${other.forecasts.length} rows, and there are ${targets.length}: the signals ` +
        'changed since. Sweep into another folder.',
    )
  }
  const { better, bySession } = METRICS[name]
  const { best, ...choice } = chooseBest(
    sessions,
    scored.map(({ forecasts }) => bySession({ forecasts, targets })),
    { better: better === 'higher' ? 'higher' : 'lower', seed: CHOICE_SEED },
  )
  return { number: scored[best]?.result.number ?? 0, ...choice }
}
