import {
  aucBySession,
  brierBySession,
  brierSkillBySession,
  correlationBySession,
  logLoss,
  logLossBySession,
  maeBySession,
  maeSkillBySession,
  meanValueBySession,
  sessionBlockBootstrap,
} from '@breakwater/calibration'
import type { SessionScore } from '@breakwater/calibration'
import type { CommonRows } from '../calibration/common-rows.ts'
import { LEVEL, SAMPLES, scoreOf, valuesOf } from '../calibration/score-binary.ts'
import type { Score } from '../report/evaluation.ts'
import { BASE, TREES } from './columns.ts'

/** Scores of one model on one head's common events, each with its interval. */
export type ModelScores = Readonly<Record<string, Score>>

/**
 * Scores every model of a head on the same rows. Binary: Brier, log loss, AUC, the Brier skill over the base rate, and what
 * is saved against the trees row by row (`gain_brier`, `gain_log_loss`: above 0 is better than the trees). Regression: mean
 * absolute error ($), correlation, skill over the base, `gain_mae`. Intervals resample whole sessions, the same for all.
 */
export function scoreModels(
  rows: CommonRows,
  task: 'binary' | 'regression',
  seed: number,
): Readonly<Record<string, ModelScores>> {
  return Object.fromEntries(
    [...rows.values.keys()].map((id) => {
      const asked = task === 'binary' ? binaryScores(rows, id) : regressionScores(rows, id)
      const scores = sessionBlockBootstrap(rows.sessions, asked, { seed, samples: SAMPLES, level: LEVEL })
      return [id, Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, scoreOf(score)]))]
    }),
  )
}

function binaryScores(rows: CommonRows, id: string): Record<string, SessionScore> {
  const p = valuesOf(rows, id)
  const { targets: y } = rows
  return {
    brier: brierBySession(p, y),
    log_loss: logLossBySession(p, y),
    auc: aucBySession(p, y),
    ...(id === BASE ? {} : { skill: brierSkillBySession(p, y, valuesOf(rows, BASE)) }),
    ...gains(rows, id, {
      gain_brier: (forecast, target) => (forecast - target) ** 2,
      gain_log_loss: (forecast, target) => logLoss([forecast], [target]),
    }),
  }
}

function regressionScores(rows: CommonRows, id: string): Record<string, SessionScore> {
  const values = valuesOf(rows, id)
  const { targets: y } = rows
  return {
    mae: maeBySession(values, y),
    correlation: correlationBySession(values, y),
    ...(id === BASE ? {} : { skill: maeSkillBySession(values, y, valuesOf(rows, BASE)) }),
    ...gains(rows, id, { gain_mae: (forecast, target) => Math.abs(forecast - target) }),
  }
}

/** What a model saves against the trees, row by row, so that what both share cancels in the interval. */
function gains(
  rows: CommonRows,
  id: string,
  losses: Readonly<Record<string, (forecast: number, target: number) => number>>,
): Record<string, SessionScore> {
  if (id === TREES) return {}
  const [trees, own] = [valuesOf(rows, TREES), valuesOf(rows, id)]
  return Object.fromEntries(
    Object.entries(losses).map(([name, loss]) => {
      const saved = rows.targets.map((target, i) => loss(trees[i] as number, target) - loss(own[i] as number, target))
      return [name, meanValueBySession(saved)]
    }),
  )
}
