import type { MetricKey } from '@breakwater/calibration'
import type { Anchor } from '@breakwater/features'
import type { ForecastBlock } from './blocks.ts'
import { headForecasts } from './blocks.ts'
import type { HeadComparison, ModelScores } from './documents/comparison.ts'
import type { Task } from './documents/figures.ts'
import { score } from './score.ts'
import { beyond } from './scoring/beyond.ts'
import { figuresOf } from './side-by-side.ts'

/** How models are compared. */
export interface ComparisonOptions {
  /** Number of columns beside the law: a head that one of them does not forecast at all is not compared. */
  readonly models: number
  /** Column of the constant forecast that skill is measured against; it has no skill of its own. */
  readonly reference: string
  /** Column that gains are counted from; it has no gains of its own. */
  readonly baseline: string
  /** Column of the law, where there is one: what the others save beyond it is told as `beyond_law`. */
  readonly law?: string | undefined
  readonly seed: number
}

const METRICS_OF: Readonly<Record<Task, readonly MetricKey[]>> = {
  binary: ['brier', 'log_loss', 'auc', 'brier_skill', 'gain_brier', 'gain_log_loss'],
  regression: ['mae', 'correlation', 'mae_skill', 'gain_mae'],
}

/**
 * Every model of a head on the events that all of them forecast: binary heads by Brier, log loss, AUC, skill and what is
 * saved against the baseline, row by row; regression heads by mean absolute error ($), correlation, skill and what is
 * saved. Null where a model does not forecast the head, or no event is forecast by all.
 */
export function compareModels(
  blocks: readonly ForecastBlock[],
  { name, anchor, task }: { readonly name: string; readonly anchor: Anchor; readonly task: Task },
  { models, reference, baseline, law, seed }: ComparisonOptions,
): HeadComparison | null {
  const { forecasts } = headForecasts(blocks, { name, task })
  const hasLaw = law !== undefined && forecasts.columns.has(law)
  if (forecasts.columns.size - Number(hasLaw) < models || forecasts.targets.length === 0) return null
  const { rows, sessions, positives, columns } = score(forecasts, {
    metrics: METRICS_OF[task],
    resampling: { seed },
    reference,
    baseline,
  })
  const scores = [...columns].map(([id, { metrics }]): [string, ModelScores] => {
    const own = METRICS_OF[task].filter(
      (key) => !(id === reference && key.endsWith('_skill')) && !(id === baseline && key.startsWith('gain_')),
    )
    const figures = Object.fromEntries(own.map((key) => [key, figuresOf(metrics[key])]))
    if (!hasLaw || id === law) return [id, figures]
    const { beyond_law } = beyond(forecasts, id, { law, base: reference }, { seed })
    return [id, { ...figures, beyond_law: figuresOf(beyond_law) }]
  })
  return {
    name,
    anchor,
    task,
    rows,
    sessions,
    positives,
    leftOut: forecasts.leftOut,
    models: Object.fromEntries(scores),
  }
}
