import { adaptiveConformal, intervalScores, meanValueBySession, sessionBlockBootstrap } from '@breakwater/calibration'
import type { StrengthCalibration } from '../documents/side-by-side.ts'
import type { Forecasts } from '../forecasts.ts'
import { columnOf } from '../forecasts.ts'
import type { Draws } from './chance.ts'

/** Level of the adaptive intervals. */
const ADAPTIVE_LEVEL = 0.8

/** The conformal interval that a fold's calibrator gives: forecast plus and minus the radius, in dollars. */
export interface FoldInterval {
  readonly fold: number
  /** Null where the fold has none, for this reason. */
  readonly interval: { readonly level: number; readonly radius: number } | null
  readonly reason: string
}

/**
 * How the intervals that each fold's calibrator gave did on its test rows: how often they held the target, how wide they
 * are, and their interval score. A reason where a fold of the rows has none.
 */
export function intervalFigures(
  forecasts: Forecasts,
  column: string,
  intervals: readonly FoldInterval[],
  draws: Draws,
): StrengthCalibration['intervals'] {
  const { targets, sessions, folds } = forecasts
  const values = columnOf(forecasts, column)
  const used = intervals.filter(({ fold }) => folds.includes(fold))
  const absent = used.find(({ interval }) => interval === null)
  if (absent !== undefined) return { reason: `fold ${absent.fold + 1} has no interval: ${absent.reason}` }
  const radii = new Map(used.map(({ fold, interval }) => [fold, interval?.radius ?? Number.NaN]))
  const level = used[0]?.interval?.level ?? ADAPTIVE_LEVEL
  const radius = Float64Array.from(folds, (fold) => radii.get(fold) ?? Number.NaN)
  const low = values.map((value, row) => value - (radius[row] as number))
  const high = values.map((value, row) => value + (radius[row] as number))
  const inside = targets.map((target, row) => Number(target >= (low[row] as number) && target <= (high[row] as number)))
  const { coverage } = sessionBlockBootstrap(sessions, { coverage: meanValueBySession(inside) }, draws)
  const { meanWidth, intervalScore } = intervalScores(low, high, targets, level)
  const { estimate, low: least, high: most, reason } = coverage
  return {
    level,
    coverage: { estimate, low: least, high: most, ...(reason === undefined ? {} : { reason }) },
    mean_width: meanWidth,
    interval_score: intervalScore,
  }
}

/** Adaptive conformal intervals around a column, run over the sessions in order. */
export function adaptiveFigures(forecasts: Forecasts, column: string): StrengthCalibration['adaptive'] {
  const { targets, sessions } = forecasts
  const errors = columnOf(forecasts, column).map((value, row) => Math.abs(value - (targets[row] as number)))
  const run = adaptiveConformal(errors, sessions, { level: ADAPTIVE_LEVEL })
  return {
    level: ADAPTIVE_LEVEL,
    coverage: run.coverage,
    sessions: run.sessions.length,
    alpha: run.state.alpha,
    radius: run.sessions.at(-1)?.radius ?? null,
  }
}
