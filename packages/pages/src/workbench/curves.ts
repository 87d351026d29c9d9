import { rankingCurve, type RankingPoint, reliabilityCurve } from '@breakwater/calibration'
import { type HeadTarget, stringsOf, type Table } from '@breakwater/features'
import { locate, type Predictions } from '@breakwater/models'
import type { HeadCurves, ScoreTriple, ThresholdActed, ThresholdRule, WorkbenchCurves, WorkbenchScore } from './data.ts'

/** The thresholds of a head to act from, falling. */
export interface ActedHead {
  readonly name: string
  readonly least: readonly number[]
}

/** What came of acting from each threshold of heads: `thresholdReturns` of `@breakwater/evaluation/sets`, and the stated cost. */
export interface ActedHeads extends ThresholdRule {
  readonly heads: ReadonlyMap<string, readonly ActedThreshold[]>
}

interface ActedThreshold extends Omit<ThresholdActed, 'perTrade' | 'total'> {
  readonly perTrade: readonly WorkbenchScore[]
  readonly total: readonly WorkbenchScore[]
}

/** A set whose forecasts have outcomes. */
export interface CurveSet {
  readonly name: string
  readonly predictions: Predictions
  /** The heads' targets of every row of the signals. */
  readonly targets: readonly HeadTarget[]
  /** What came of acting on heads; null where no forecast is of a test row. */
  readonly acting: (heads: readonly ActedHead[]) => ActedHeads | null
}

const POINTS = 100
const BINS = 10
/** Rows of a table of thresholds. */
const THRESHOLDS = 12
const DIGITS = 5
const [DOLLAR_DIGITS, TOTAL_DIGITS] = [4, 2]

/** The curves of every binary head of every set. Heads without an outcome have none. Cost: heads x rows log rows, and that of acting. */
export function workbenchCurves(table: Table, sets: readonly CurveSet[]): WorkbenchCurves {
  const dates = stringsOf(table, 'date')
  const all = sets.map((set) => ({ name: set.name, ...curvesOf(set, table, dates) }))
  return {
    sets: Object.fromEntries(all.map(({ name, curves }) => [name, curves])),
    acting: Object.fromEntries(all.flatMap(({ name, rule }) => (rule === null ? [] : [[name, rule]]))),
  }
}

type RankedHead = Omit<HeadCurves, 'thresholds'> & { readonly name: string; readonly shown: readonly RankingPoint[] }

function curvesOf(
  set: CurveSet,
  table: Table,
  dates: readonly string[],
): { readonly curves: Record<string, HeadCurves>; readonly rule: ThresholdRule | null } {
  const ranked = rankedHeads(set, table, dates)
  const acted = set.acting(ranked.map(({ name, shown }) => ({ name, least: shown.map(({ threshold }) => threshold) })))
  const curves = ranked.map(({ name, shown, ranking, ...head }): [string, HeadCurves] => {
    const returns = acted?.heads.get(name)
    const thresholds = shown.map((point, i) => ({ point: rounded(point), acting: actedOf(returns?.[i]) }))
    return [name, { ...head, ranking: ranking.map(rounded), thresholds }]
  })
  if (acted === null) return { curves: Object.fromEntries(curves), rule: null }
  const { cost, costs, holdSeconds, level } = acted
  return { curves: Object.fromEntries(curves), rule: { cost, costs, holdSeconds, level } }
}

function rankedHeads({ predictions, targets }: CurveSet, table: Table, dates: readonly string[]): RankedHead[] {
  const rowOf = locate(table, predictions)
  return targets.flatMap(({ name, task, mask, values }) => {
    const served = predictions.served.get(name)
    if (task !== 'binary' || served === undefined) return []
    const seen = [...rowOf.keys()].filter((i) => mask[rowOf[i] ?? -1] === 1 && !Number.isNaN(served[i]))
    if (seen.length === 0) return []
    const forecasts = Float64Array.from(seen, (i) => served[i] ?? 0)
    const outcomes = Float64Array.from(seen, (i) => values[rowOf[i] ?? -1] ?? 0)
    const ranking = rankingCurve(forecasts, outcomes, POINTS)
    const step = Math.max(1, Math.ceil(ranking.length / THRESHOLDS))
    return [
      {
        name,
        rows: seen.length,
        positives: outcomes.reduce((sum, y) => sum + y, 0),
        sessions: new Set(seen.map((i) => dates[rowOf[i] ?? -1])).size,
        ranking,
        reliability: reliabilityCurve(forecasts, outcomes, { bins: BINS }).bins,
        shown: ranking.filter((_, i) => i % step === 0),
      },
    ]
  })
}

function actedOf(acted: ActedThreshold | undefined): ThresholdActed | null {
  if (acted === undefined) return null
  const { trades, overlapping, unresolved, perTrade, total } = acted
  return {
    trades,
    overlapping,
    unresolved,
    perTrade: perTrade.map((score) => tripleOf(score, DOLLAR_DIGITS)),
    total: total.map((score) => tripleOf(score, TOTAL_DIGITS)),
  }
}

function tripleOf({ estimate, low, high }: WorkbenchScore, digits: number): ScoreTriple {
  const to = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(digits)))
  return [to(estimate), to(low), to(high)]
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
