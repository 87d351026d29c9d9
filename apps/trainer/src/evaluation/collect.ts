import type { HeadTarget, Table } from '@breakwater/features'
import { stringColumn, stringsOf, timesOf } from '@breakwater/features'
import type { Predictions } from '../training/predictions.ts'

/** Rows of one head that were predicted and have a target, ready to be scored: one entry a row. */
export interface Scored {
  readonly predictions: Float64Array
  readonly targets: Float64Array
  /** Session of each row: index into `sessionDates`. */
  readonly sessions: Int32Array
  readonly sessionDates: readonly string[]
  /** Fold whose model predicted the row. */
  readonly folds: Int32Array
}

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

/** The prediction of a head as it is served: calibrated where there is a calibrator. */
const servedValues = ({ heads, calibrated }: Predictions, name: string): Float64Array | undefined =>
  calibrated.get(name) ?? heads.get(name)

/** The rows of `target` that were predicted, as served, whose session `keep` accepts. */
export function collect(
  table: Table,
  target: HeadTarget,
  predictions: Predictions,
  rows: RowIndex,
  keep: (date: string) => boolean,
): Scored {
  const values = servedValues(predictions, target.name)
  const { codes, dictionary } = stringColumn(table, 'date')
  const chosen: number[] = []
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const row = rows[i] as number
    const predicted = !Number.isNaN(values?.[i])
    if (predicted && target.mask[row] === 1 && keep(dictionary[codes[row] as number] as string)) chosen.push(i)
  }
  return {
    predictions: Float64Array.from(chosen, (i) => values?.[i] as number),
    targets: Float64Array.from(chosen, (i) => target.values[rows[i] as number] as number),
    sessions: Int32Array.from(chosen, (i) => codes[rows[i] as number] as number),
    sessionDates: dictionary,
    folds: Int32Array.from(chosen, (i) => predictions.fold[i] as number),
  }
}

/** Parts of scored rows as one; sessions keep their dates. */
export function joinScored(parts: readonly Scored[]): Scored {
  const dates = [...new Set(parts.flatMap(({ sessionDates }) => sessionDates))]
  const codeOf = new Map(dates.map((date, code) => [date, code]))
  return {
    predictions: Float64Array.from(parts.flatMap(({ predictions }) => [...predictions])),
    targets: Float64Array.from(parts.flatMap(({ targets }) => [...targets])),
    sessions: Int32Array.from(
      parts.flatMap(({ sessions, sessionDates }) =>
        Array.from(sessions, (code) => codeOf.get(sessionDates[code] as string) as number),
      ),
    ),
    sessionDates: dates,
    folds: Int32Array.from(parts.flatMap(({ folds }) => [...folds])),
  }
}
