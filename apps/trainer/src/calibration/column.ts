import type { ComparedColumn } from '@breakwater/evaluation'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'

/**
 * A way to forecast: for a part of the scored data its heads, one value a predicted row (aligned with
 * `part.predictions`), NaN where it has none. A head that the column does not forecast is absent.
 */
export interface ForecastColumn extends ComparedColumn {
  readonly heads: (part: ScoredPart) => ReadonlyMap<string, Float64Array>
}
