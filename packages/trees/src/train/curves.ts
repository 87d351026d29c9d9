import { isScore } from './metrics.ts'
import type { Metric } from './metrics.ts'
import type { TrainSettings } from './options.ts'

/** Losses and metrics after 0, 1, 2, ... rounds, and the trees that existed then (a round may add none). */
export interface Curves {
  readonly train: number[]
  readonly trees: number[]
  /** Validation curves; empty without validation rows. */
  readonly validation: Map<Metric, number[]>
  /** Index of the best value of the metric that stops. */
  best: number
}

/** Empty curves for the metrics of the settings, the loss always among them. */
export function startCurves({ metrics, stopMetric }: TrainSettings): Curves {
  const validation = new Map<Metric, number[]>()
  for (const metric of ['loss', stopMetric, ...metrics] as const) validation.set(metric, [])
  return { train: [], trees: [], validation, best: 0 }
}

/** Records validation values of one round, by metric. */
export function recordValidation(curves: Curves, settings: TrainSettings, valueOf: (metric: Metric) => number): void {
  for (const [metric, values] of curves.validation) values.push(valueOf(metric))
  const values = curves.validation.get(settings.stopMetric) ?? []
  const sign = isScore(settings.stopMetric) ? -1 : 1
  const last = values.length - 1
  const improvement = sign * ((values[curves.best] as number) - (values[last] as number))
  if (improvement > settings.minImprovement) curves.best = last
}

/** Whether the metric has not improved for `earlyStoppingRounds`. */
export function patienceIsOver(curves: Curves, { earlyStoppingRounds, stopMetric }: TrainSettings): boolean {
  const values = curves.validation.get(stopMetric) ?? []
  if (earlyStoppingRounds === undefined || values.length === 0) return false
  return values.length - 1 - curves.best >= earlyStoppingRounds
}
