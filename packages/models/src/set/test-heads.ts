import { addToSmoothSums, brierScore, logLoss, SMOOTH_SUMS, smoothEceOfSums } from '@breakwater/calibration'
import type { FittedSet } from '../fit/fit-set.ts'
import type { TestedFigures, TestedHead } from './tested.ts'

/** Scores every probability on the test rows of all folds that both the served forecast and the law have; those without a row are left out. */
export function testHeads({ folds, targets }: FittedSet): TestedHead[] {
  return targets.flatMap(({ name, task, values, mask }): TestedHead[] => {
    if (task !== 'binary') return []
    const [served, law, base, y]: [number[], number[], number[], number[]] = [[], [], [], []]
    const hasLaw = folds.every((fold) => fold.law.predictions.law.has(name))
    for (const fold of folds) {
      const rate = fold.outcomes.find((head) => head.name === name)?.reference ?? Number.NaN
      const [own, other] = [fold.served.get(name), fold.law.predictions.law.get(name)]
      for (const [row, isTest] of fold.test.entries()) {
        const [p, q] = [own?.[row] ?? Number.NaN, other?.[row] ?? Number.NaN]
        if (isTest === 0 || mask[row] !== 1 || Number.isNaN(p) || (hasLaw && Number.isNaN(q))) continue
        served.push(p)
        law.push(q)
        base.push(rate)
        y.push(values[row] as number)
      }
    }
    if (y.length === 0) return []
    const baseLogLoss = base.some(Number.isNaN) ? null : logLoss(base, y)
    return [{ name, rows: y.length, served: scored(served, y), law: hasLaw ? scored(law, y) : null, baseLogLoss }]
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
