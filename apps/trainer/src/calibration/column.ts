import type { PredictedPart } from '@breakwater/models/node'
import type { CalibrationColumn } from '../report/calibration.ts'

/**
 * A way to forecast: for a part of the scored data its heads, one value a predicted row (aligned with
 * `part.predictions`), NaN where it has none. A head that the column does not forecast is absent.
 */
export interface ForecastColumn extends CalibrationColumn {
  readonly heads: (part: PredictedPart) => ReadonlyMap<string, Float64Array>
}

/** Id of the column of the neighbours alone. */
export const RETRIEVAL = 'retrieval'
