import { METRICS } from '@breakwater/calibration'
import type { TrainingDetails } from '../set/details.ts'
import type { SweepConfig } from './config.ts'

/** How a trial did: the mean over folds on validation dates. */
export interface TrialScore {
  /** Null where no fold has the figure. */
  readonly value: number | null
  readonly folds: readonly (number | null)[]
}

/** The metric of a sweep for one trained set: on validation dates alone, test dates never come in. */
export function scoreTrial(details: TrainingDetails, { head, name }: SweepConfig['metric']): TrialScore {
  const record = details.heads.find((each) => each.name === head)
  if (record === undefined) {
    const names = details.heads.map((each) => each.name).join(', ')
    throw new Error(`models: metric.head=${head}: there is no such head. Name one of ${names}.`)
  }
  const folds = record.folds.map(({ status, metrics }) =>
    status === 'trained' ? (metrics.validation[name] ?? null) : null,
  )
  const known = folds.filter((value) => value !== null)
  return { value: known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length, folds }
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
