import {
  calibrationNullBand,
  ECE_BINS,
  eceStatistic,
  expectedCalibrationError,
  type Overlap,
  rateBand,
  reliabilityCurve,
} from '@breakwater/calibration'
import type { Thresholds } from '@breakwater/features'
import type { PlaceCell } from '../documents/figures.ts'
import { columnOf, type Forecasts, takeForecasts } from '../forecasts.ts'
import type { Draws } from './chance.ts'

/** Ends of cells in dollars beyond the level: both thresholds either way, halfway to the first, and the level itself. */
export const placeEdges = ([first, second]: Thresholds): readonly number[] => [
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
export function placeCells(
  forecasts: Forecasts,
  column: string,
  edges: readonly number[],
  draws: Draws & { readonly overlap: Overlap | undefined },
): PlaceCell[] {
  const { moved } = forecasts
  if (moved === undefined) return []
  const correlation = draws.overlap?.correlation ?? 0
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

function cellOf(part: Forecasts, column: string, correlation: number, draws: Draws): Omit<PlaceCell, 'from' | 'to'> {
  const p = columnOf(part, column)
  const { episodes = Int32Array.from(p, (_, row) => row) } = part
  const overlap = { codes: codesOf(episodes), blocks: new Set(episodes).size, correlation }
  const { effectiveRows, ...band } = rateBand(p, overlap, draws.level)
  return {
    rows: p.length,
    sessions: new Set(part.sessions).size,
    effective_rows: effectiveRows,
    mean_prediction: band.median,
    observed_rate: part.targets.reduce((sum, y) => sum + y, 0) / p.length,
    band,
    ece: expectedCalibrationError(reliabilityCurve(p, part.targets, { bins: ECE_BINS })),
    null_ece: calibrationNullBand(p, eceStatistic({ bins: ECE_BINS }), { ...draws, overlap }),
  }
}

function codesOf(values: Int32Array): Int32Array {
  const known = new Map([...new Set(values)].map((value, code) => [value, code]))
  return values.map((value) => known.get(value) ?? 0)
}
