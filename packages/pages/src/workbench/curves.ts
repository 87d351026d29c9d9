import { rankingCurve, type RankingPoint, reliabilityCurve } from '@breakwater/calibration'
import { type HeadTarget, stringsOf, type Table } from '@breakwater/features'
import { locate, type Predictions } from '@breakwater/models'
import type { HeadCurves, WorkbenchCurves } from './data.ts'

/** A set whose forecasts have outcomes. */
export interface CurveSet {
  readonly name: string
  readonly predictions: Predictions
  /** The heads' targets of every row of the signals. */
  readonly targets: readonly HeadTarget[]
}

const POINTS = 100
const BINS = 10
const DIGITS = 5

/** The curves of every binary head of every set. Heads without an outcome have none. Cost: heads x rows log rows. */
export function workbenchCurves(table: Table, sets: readonly CurveSet[]): WorkbenchCurves {
  const dates = stringsOf(table, 'date')
  return { sets: Object.fromEntries(sets.map((set) => [set.name, curvesOf(set, table, dates)])) }
}

function curvesOf(
  { predictions, targets }: CurveSet,
  table: Table,
  dates: readonly string[],
): Record<string, HeadCurves> {
  const rowOf = locate(table, predictions)
  const curves: Record<string, HeadCurves> = {}
  for (const { name, task, mask, values } of targets) {
    const served = predictions.served.get(name)
    if (task !== 'binary' || served === undefined) continue
    const seen = [...rowOf.keys()].filter((i) => mask[rowOf[i] ?? -1] === 1 && !Number.isNaN(served[i]))
    if (seen.length === 0) continue
    const forecasts = Float64Array.from(seen, (i) => served[i] ?? 0)
    const outcomes = Float64Array.from(seen, (i) => values[rowOf[i] ?? -1] ?? 0)
    curves[name] = {
      rows: seen.length,
      positives: outcomes.reduce((sum, y) => sum + y, 0),
      sessions: new Set(seen.map((i) => dates[rowOf[i] ?? -1])).size,
      ranking: rankingCurve(forecasts, outcomes, POINTS).map(rounded),
      reliability: reliabilityCurve(forecasts, outcomes, { bins: BINS }).bins,
    }
  }
  return curves
}

const short = (value: number): number => Number(value.toFixed(DIGITS))

function rounded({ threshold, selected, precision, recall, falsePositiveRate, lift }: RankingPoint): RankingPoint {
  const maybe = (value: number | null): number | null => (value === null ? null : short(value))
  return {
    threshold: short(threshold),
    selected: short(selected),
    precision: short(precision),
    recall: maybe(recall),
    falsePositiveRate: maybe(falsePositiveRate),
    lift: maybe(lift),
  }
}
