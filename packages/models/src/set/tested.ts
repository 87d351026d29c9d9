import { type MetricKey, METRICS } from '@breakwater/calibration'
import { z } from 'zod'
import type { FittedSet } from '../fit/fit-set.ts'

/** Scores of probabilities on some rows. */
export interface TestedFigures {
  readonly brier: number
  readonly logLoss: number
  readonly smoothEce: number
}

/** How a probability did on the test rows of all folds: what live figures are held against. */
export interface TestedHead {
  readonly name: string
  readonly rows: number
  /** Of what is served. */
  readonly served: TestedFigures
  /** Of the law of first passage alone, without its tilt, on the same rows; null without a law. */
  readonly law: TestedFigures | null
}

const figures = z.object({ brier: z.number(), logLoss: z.number(), smoothEce: z.number() })

/** What is checked of tested heads in a file. */
export const testedHeads: z.ZodType<readonly TestedHead[]> = z.array(
  z.object({ name: z.string(), rows: z.number(), served: figures, law: figures.nullable() }),
)

/** The `tested` of a set's details; empty where it has none, as sets of older versions. Throws on what is none. */
export function testedOf(details: unknown): readonly TestedHead[] {
  if (typeof details !== 'object' || details === null || !('tested' in details)) return []
  return details.tested === undefined ? [] : testedHeads.parse(details.tested)
}

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
