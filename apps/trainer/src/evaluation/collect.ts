import type { Table } from '@breakwater/features'
import { stringsOf, timesOf } from '@breakwater/features'
import type { Predictions } from '../training/predictions.ts'

/** Where each predicted row lies in the signals table. */
export type RowIndex = Int32Array

/**
 * Finds the predicted events in the signals by event id and touch time. Throws where one is absent or stands at another
 * time: the signals are then not those that were predicted.
 */
export function locate(table: Table, predictions: Predictions): RowIndex {
  const start = timesOf(table, 'ts_ns')
  const rowOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
  return Int32Array.from(predictions.eventIds, (id, i) => {
    const row = rowOf.get(id)
    if (row === undefined || start[row] !== predictions.tsNs[i]) {
      throw new Error(
        `trainer: event ${id}: was predicted but ${row === undefined ? 'is not in the signals' : 'has another time'}. ` +
          'Give the signals that the models were trained on with --data-path.',
      )
    }
    return row
  })
}
