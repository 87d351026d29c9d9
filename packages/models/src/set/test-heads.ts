import { type MetricKey, METRICS } from '@breakwater/calibration'
import type { FittedSet } from '../fit/fit-set.ts'
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
  const of = (key: MetricKey): number => METRICS[key].estimate({ forecasts, targets }) ?? Number.NaN
  return { brier: of('brier'), logLoss: of('log_loss'), smoothEce: of('smooth_ece') }
}
