import { addToSmoothSums, brierScore, logLoss, SMOOTH_SUMS, smoothEceOfSums } from '@breakwater/calibration'
import { aheadTargets, stringsOf } from '@breakwater/features'
import type { FittedSet } from '../fit/fit-set.ts'
import { both, constantOf } from '../rows.ts'
import type { AheadRecord } from './ahead-record.ts'
import type { TestedFigures, TestedHead } from './tested.ts'

/** Scores every probability on the test rows of all folds that both the served forecast and the law have; those without a row are left out. */
export function testHeads({ folds, targets }: FittedSet): TestedHead[] {
  return targets.flatMap(({ name, task, values, mask }): TestedHead[] => {
    if (task !== 'binary') return []
    const [served, law, y]: [number[], number[], number[]] = [[], [], []]
    const hasLaw = folds.every((fold) => fold.law.predictions.law.has(name))
    for (const fold of folds) {
      const [own, other] = [fold.served.get(name), fold.law.predictions.law.get(name)]
      for (const [row, isTest] of fold.test.entries()) {
        const [p, q] = [own?.[row] ?? Number.NaN, other?.[row] ?? Number.NaN]
        if (isTest === 0 || mask[row] !== 1 || Number.isNaN(p) || (hasLaw && Number.isNaN(q))) continue
        served.push(p)
        law.push(q)
        y.push(values[row] as number)
      }
    }
    if (y.length === 0) return []
    return [{ name, rows: y.length, served: scored(served, y), law: hasLaw ? scored(law, y) : null }]
  })
}

function scored(forecasts: readonly number[], targets: readonly number[]): TestedFigures {
  // By the sums that live figures are made of.
  const sums = Array.from({ length: SMOOTH_SUMS }, () => 0)
  for (const [row, p] of forecasts.entries()) addToSmoothSums(sums, p, targets[row] as number)
  return {
    brier: brierScore(forecasts, targets),
    logLoss: logLoss(forecasts, targets),
    smoothEce: smoothEceOfSums(Float64Array.from(sums), forecasts.length),
  }
}

/** What is still to come from the anchors of the heads. */
export function recordAhead({ signals, targets, folds }: FittedSet): AheadRecord[] {
  const { table, lookforwardSeconds: windowSeconds } = signals
  const anchors = [...new Set(targets.map(({ anchor }) => anchor))]
  const dates = stringsOf(table, 'date')
  const masks = folds.map(({ fold }) => {
    const train = new Set(fold.train)
    return { fold: fold.index, rows: Uint8Array.from(dates, (date) => Number(train.has(date))) }
  })
  return aheadTargets(table, { anchors, windowSeconds }).map(({ name, anchor, values, mask, counts }) => ({
    name,
    anchor,
    used: counts.used,
    masked: counts.masked,
    folds: masks.map(({ fold, rows }) => ({ fold, reference: constantOf('regression', values, both(rows, mask)) })),
  }))
}
