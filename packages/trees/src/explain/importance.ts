import type { TreeModel } from '../model/model.ts'

/** What one column does in a model. */
export interface ColumnImportance {
  readonly column: string
  /** Sum of the gains of its splits (XGBoost's total_gain, LightGBM's gain). */
  readonly gain: number
  /** Sum of the covers of its splits (XGBoost's total_cover). */
  readonly cover: number
  /** Number of its splits (XGBoost's weight, LightGBM's split). */
  readonly count: number
}

/** Importance of every column, unused ones too (zeros), by descending gain; equals keep the column order. */
export function importance(model: TreeModel): ColumnImportance[] {
  const totals = model.columns.map((column) => ({ column, gain: 0, cover: 0, count: 0 }))
  for (const [node, feature] of model.feature.entries()) {
    const total = totals[feature]
    if (!total) continue
    total.gain += model.gain[node] as number
    total.cover += model.cover[node] as number
    total.count++
  }
  return totals.toSorted((a, b) => b.gain - a.gain)
}
