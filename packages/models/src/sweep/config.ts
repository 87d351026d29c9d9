import type { MetricKey } from '@breakwater/calibration'
import type { HeadTarget } from '@breakwater/features'
import type { PlanRequest } from '../fit/plan.ts'

/** One value that an option can take. */
export type OptionValue = string | number | readonly [number, number]

/** What a sweep does with an option: one value, a choice among several, or (random search) a range. */
export type OptionSpace =
  | { readonly kind: 'choice'; readonly values: readonly OptionValue[] }
  | {
      readonly kind: 'range'
      readonly min: number
      readonly max: number
      readonly scale: 'linear' | 'log'
      readonly whole: boolean
    }

/** A metric that trials are ranked by; which way is better stands in `METRICS`. */
export type SweptMetric = Extract<MetricKey, 'auc' | 'brier' | 'correlation' | 'log_loss' | 'mae'>
/** Every {@link SweptMetric}. */
export const SWEPT_METRICS: readonly SweptMetric[] = ['auc', 'brier', 'correlation', 'log_loss', 'mae']

/** A sweep, checked: every option with its space, under the names of the settings. */
export interface SweepConfig {
  readonly method: 'grid' | 'random'
  readonly trials?: number | undefined
  readonly seed: number
  /** Successive halving: of the trials of a rung one in `eta` goes on to more inner folds. Without it all are trained on all. */
  readonly halving?: { readonly eta: number } | undefined
  readonly metric: { readonly head: string; readonly name: SweptMetric }
  readonly data:
    | {
        readonly bars: readonly string[]
        readonly physics?: string | undefined
        readonly timezone?: string | undefined
      }
    | { readonly signals: readonly string[] }
  readonly signals: Readonly<Record<string, OptionSpace>>
  readonly train: Readonly<Record<string, OptionSpace>>
  readonly plan: Omit<PlanRequest, 'calibrationDates' | 'testDates' | 'calibrationSessions'>
  readonly anchors?: readonly HeadTarget['anchor'][] | undefined
  readonly horizons?: readonly number[] | undefined
  /** Columns in which every trial's forecasts may only rise (1) or only fall (-1). */
  readonly monotone?: Readonly<Record<string, 1 | -1>> | undefined
}

/** Throws where the method, the spaces and the data of a sweep do not go together; `path` names it in errors. */
export function checkSweep({ method, trials, data, signals, train }: SweepConfig, path: string): void {
  const { seed } = train
  if (seed !== undefined && (seed.kind === 'range' || seed.values.length > 1)) {
    throw new Error(
      `models: ${path}: seed: a seed is luck, not an option: the best of several would be the luckiest. Give one seed, and compare ` +
        'seeds of the chosen options afterwards to see how much they matter.',
    )
  }
  const ranges = Object.entries({ ...signals, ...train }).filter(([, { kind }]) => kind === 'range')
  if (method === 'grid' && ranges.length > 0) {
    throw new Error(
      `models: ${path}: ${ranges.map(([name]) => name).join(', ')}: a grid has lists of values. Write a list, or search at random.`,
    )
  }
  if (method === 'grid' && trials !== undefined) {
    throw new Error(
      `models: ${path}: trials=${trials}: a grid tries every combination. Remove trials, or use the random method.`,
    )
  }
  if (method === 'random' && trials === undefined) {
    throw new Error(`models: ${path}: a random search needs the number of trials. Set trials.`)
  }
  if ('signals' in data && Object.keys(signals).length > 0) {
    throw new Error(
      `models: ${path}: options of signals can be swept only from bars: existing signals keep theirs. Set data.bars.`,
    )
  }
}
