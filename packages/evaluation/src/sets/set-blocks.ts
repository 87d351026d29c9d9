import { locate } from '@breakwater/models'
import type { PredictedPart } from '@breakwater/models/node'
import type { ForecastBlock } from '../blocks.ts'
import type { ForecastColumn } from './columns.ts'

/** Predicted rows as blocks of forecasts: computes every column once for each part. */
export function setBlocks(parts: readonly PredictedPart[], columns: readonly ForecastColumn[]): ForecastBlock[] {
  return parts.map((part) => ({
    signals: part.signals,
    targets: part.targets,
    rows: locate(part.signals.table, part.predictions),
    folds: part.predictions.fold,
    keep: part.keep,
    columns: new Map(columns.map((column) => [column.id, column.heads(part)])),
  }))
}
