import type { CalibrationColumn } from '../report/calibration.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import { gatedColumn } from './gated.ts'

/**
 * A way to forecast: for a part of the scored data its heads, one value a predicted row (aligned with
 * `part.predictions`), NaN where it has none. A head that the column does not forecast is absent.
 */
export interface ForecastColumn extends CalibrationColumn {
  readonly heads: (part: ScoredPart) => ReadonlyMap<string, Float64Array>
}

/** The columns of every set, in order; the first is what the others are compared with. */
export function forecastColumns(): ForecastColumn[] {
  return [
    {
      id: 'raw',
      title: 'Raw trees',
      note: 'The trees alone.',
      heads: ({ predictions }) => predictions.heads,
    },
    {
      id: 'calibrated',
      title: 'Calibrated trees',
      note: 'The trees through the calibrators of their bundles, reach heads made coherent.',
      heads: ({ predictions }) => predictions.calibrated,
    },
    gatedColumn(),
  ]
}
