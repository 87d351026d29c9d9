import {
  ECE_BINS,
  eceStatistic,
  expectedCalibrationError,
  gapStatistic,
  reliabilityCurve,
} from '@breakwater/calibration'
import type { Thresholds } from '@breakwater/features'
import type { PlaceCell } from '../documents/figures.ts'
import { columnOf, type Forecasts, takeForecasts } from '../forecasts.ts'
import { type Draws, nullBand, overlapUnder } from './chance.ts'

/** Ends of cells in dollars beyond the level: both thresholds either way, halfway to the first, and the level itself. */
const placeEdges = ([first, second]: Thresholds): readonly number[] => [
  -second,
  -first,
  -first / 2,
  0,
  first / 2,
  first,
  second,
]

/**
 * Calibration of a binary column by where price stood: for each cell that holds rows what was forecast, what was observed, and
 * the bands of both that calibrated forecasts of the same rows would have. The correlation of overlapping outcomes is that of all rows, so
 * that it does not rest on few. Empty where the forecasts do not say where price stood. O(samples x rows).
 */
export function placeCells(forecasts: Forecasts, column: string, thresholds: Thresholds, draws: Draws): PlaceCell[] {
  const { moved } = forecasts
  if (moved === undefined) return []
  const correlation = overlapUnder(forecasts, columnOf(forecasts, column))?.correlation ?? 0
  const edges = placeEdges(thresholds)
  return [null, ...edges].flatMap((from, i): PlaceCell[] => {
    const to = edges[i] ?? null
    const rows = [...moved.keys()].filter((row) => {
      const at = moved[row] as number
      return at >= (from ?? -Infinity) && at < (to ?? Infinity)
    })
    return rows.length === 0
      ? []
      : [{ from, to, ...cellOf(takeForecasts(forecasts, rows), column, correlation, draws) }]
  })
}

/** What is forecast and observed in a cell. */
type Agreement = Omit<PlaceCell, 'from' | 'to' | 'ece' | 'null_ece'>

function cellOf(part: Forecasts, column: string, correlation: number, draws: Draws): Omit<PlaceCell, 'from' | 'to'> {
  const p = columnOf(part, column)
  return {
    ...agreement(part, column, correlation, draws),
    ece: expectedCalibrationError(reliabilityCurve(p, part.targets, { bins: ECE_BINS })),
    null_ece: nullBand(part, p, eceStatistic({ bins: ECE_BINS }), correlation, draws),
  }
}

/** Mean forecast of a column, what was observed, and the band of rates that calibrated forecasts would give. */
function agreement(part: Forecasts, column: string, correlation: number, draws: Draws): Agreement {
  const p = columnOf(part, column)
  const gap = nullBand(part, p, gapStatistic(), correlation, draws)
  const mean_prediction = mean(p)
  return {
    rows: p.length,
    sessions: new Set(part.sessions).size,
    effective_rows: effectiveRows(part, correlation),
    mean_prediction,
    observed_rate: mean(part.targets),
    band: { low: mean_prediction + gap.low, median: mean_prediction + gap.median, high: mean_prediction + gap.high },
  }
}

function effectiveRows({ episodes, targets }: Forecasts, correlation: number): number {
  if (episodes === undefined) return targets.length
  const counts = new Map<number, number>()
  for (const code of episodes) counts.set(code, (counts.get(code) ?? 0) + 1)
  const squares = [...counts.values()].reduce((sum, count) => sum + count * count, 0)
  return targets.length / (1 + correlation * (squares / targets.length - 1))
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
