import type { BootstrapInterval } from '@breakwater/calibration'
import type { Task } from '../documents/figures.ts'
import type { Forecasts } from '../forecasts.ts'
import { columnScores, type Resampling, score } from '../score.ts'

/** What a column saves of the loss of simpler forecasts of the same rows. */
export interface Beyond {
  /** 1 - loss / loss of the law. */
  readonly skill_law: BootstrapInterval
  /** Loss of the law, and of the base, less the column's. */
  readonly beyond_law: BootstrapInterval
  readonly beyond_base: BootstrapInterval
}

/** Columns to go beyond. */
export interface SimplerColumns {
  /** Undefined where the set has no law. */
  readonly law: string | undefined
  readonly base: string
}

const KEYS = {
  binary: { skill: 'brier_skill', gain: 'gain_log_loss' },
  regression: { skill: 'mae_skill', gain: 'gain_mae' },
} as const satisfies Record<Task, unknown>

/** Why there is nothing beyond the law. */
export const NO_LAW = 'the law does not forecast this head'

/**
 * What a column adds to the law and to a constant, paired by row: skill by Brier score or absolute error, gains by log loss
 * (nats) or absolute error (dollars). Null with a reason where the forecasts have no column of the law. With `resampling`
 * each has its interval.
 */
export function beyond(
  forecasts: Forecasts,
  column: string,
  { law, base }: SimplerColumns,
  resampling?: Resampling,
): Beyond {
  const { skill, gain } = KEYS[forecasts.task]
  const over = (key: typeof skill | typeof gain, other: string): BootstrapInterval =>
    columnScores(
      score(forecasts, { metrics: [key], columns: [column], reference: other, baseline: other, resampling }),
      column,
    ).metrics[key]
  const beyond_base = over(gain, base)
  if (law === undefined || !forecasts.columns.has(law)) {
    const none = { estimate: null, low: null, high: null, samples: 0, sessions: beyond_base.sessions, reason: NO_LAW }
    return { skill_law: none, beyond_law: none, beyond_base }
  }
  return { skill_law: over(skill, law), beyond_law: over(gain, law), beyond_base }
}
