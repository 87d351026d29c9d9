import { censoredCalibration } from '@breakwater/calibration'
import { parseHeadName, reachTimes } from '@breakwater/features'
import type { CensoredScores } from '../report/calibration.ts'
import { commonRows, type PreparedPart } from './common-rows.ts'
import { LEVEL, mean, valuesOf } from './score-binary.ts'

const BINS = 5

/**
 * A reach head's forecasts against all touches that could reach, those whose window was cut short included; null for
 * other heads, and where no such row was forecast. `column` is the id of the forecasts.
 */
export function censoredScores(parts: readonly PreparedPart[], head: string, column: string): CensoredScores | null {
  const question = parseHeadName(head)?.question
  if (question?.kind !== 'reach') return null
  const { horizon } = question
  const seen = parts.map((part) => timesOf(part, head))
  const rows = parts.map((part, i) => {
    const found = commonRows([part], head, () => seen[i]?.mask ?? new Uint8Array())
    return found.values.has(column) ? found : { ...found, places: [] }
  })
  const p = Float64Array.from(rows.flatMap((each) => [...valuesOf(each, column)]))
  const events = {
    times: Float64Array.from(rows.flatMap(({ places }, i) => picked(seen[i]?.times, places))),
    causes: Float64Array.from(rows.flatMap(({ places }, i) => picked(seen[i]?.causes, places))),
  }
  if (p.length === 0) return null
  const curve = censoredCalibration(p, events, { horizon, bins: BINS, level: LEVEL })
  return {
    horizon,
    rows: p.length,
    censored: curve.bins.reduce((sum, { censored }) => sum + censored, 0),
    meanPrediction: mean(p),
    incidence: curve.overall,
    error: curve.error,
    bins: curve.bins,
  }
}

function timesOf({ signals }: PreparedPart, head: string): ReturnType<typeof reachTimes> {
  const { table, thresholds, lookforwardSeconds } = signals
  return reachTimes(table, head, { thresholds, windowSeconds: lookforwardSeconds })
}

const picked = (values: ArrayLike<number> | undefined, rows: readonly number[]): number[] =>
  rows.map((row) => values?.[row] ?? Number.NaN)
