import { calibrationNullBand, type CalibrationStatistic, type Overlap, overlapOf } from '@breakwater/calibration'
import type { Band } from '../documents/figures.ts'
import type { Forecasts } from '../forecasts.ts'

/** How a band is drawn. */
export interface Draws {
  readonly seed: number
  readonly samples: number
  readonly level: number
}

/** How the rows of forecasts overlap under a column; undefined where the forecasts do not say. */
export function overlapUnder({ episodes, targets }: Forecasts, p: Float64Array): Overlap | undefined {
  return episodes === undefined ? undefined : overlapOf(p, targets, episodes)
}

/** The band of a statistic of calibrated forecasts of these rows, whose outcomes are correlated within episodes. */
export function nullBand(
  { episodes }: Forecasts,
  p: Float64Array,
  statistic: CalibrationStatistic,
  correlation: number,
  draws: Draws,
): Band {
  if (episodes === undefined) return calibrationNullBand(p, statistic, draws)
  const known = new Map([...new Set(episodes)].map((code, place) => [code, place]))
  const overlap = {
    codes: Int32Array.from(episodes, (code) => known.get(code) ?? 0),
    blocks: known.size,
    correlation,
  }
  return calibrationNullBand(p, statistic, { ...draws, overlap })
}
