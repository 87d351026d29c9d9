import { type Overlap, overlapOf } from '@breakwater/calibration'
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
