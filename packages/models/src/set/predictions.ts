import { stringsOf, timesOf } from '@breakwater/features'
import type { Table } from '@breakwater/features'

/** Which rows were predicted: test rows, or validation rows where the plan has no test dates. */
export type PredictedRole = 'test' | 'validation'

/**
 * Predictions of rows that their model did not train on. Row i is event `eventIds[i]`, predicted by fold `fold[i]`;
 * `heads` holds a probability (binary) or dollars (regression) per row, NaN where the head has no model in that fold.
 */
export interface Predictions {
  readonly role: PredictedRole
  readonly rows: number
  readonly eventIds: readonly string[]
  readonly tsNs: BigInt64Array
  readonly fold: Float64Array
  /** Of the trees alone. */
  readonly heads: ReadonlyMap<string, Float64Array>
  /**
   * Of the trees, calibrated. Empty where no calibrator was fitted, and for validation rows: calibrators may have been
   * fitted on them.
   */
  readonly calibrated: ReadonlyMap<string, Float64Array>
  /** Of the law of the same fold alone, without the tilt of features, by head: skill is told beyond it. Empty where no fold has a law. */
  readonly law: ReadonlyMap<string, Float64Array>
  /** Of the law with its tilt, as it is served; empty where `law` is. */
  readonly tilted: ReadonlyMap<string, Float64Array>
  /**
   * What is served: the surface of the law with its tilt, or the heads' made coherent, by the choice of the fold. For validation rows heads
   * are without calibrators, which may have been fitted on them.
   */
  readonly served: ReadonlyMap<string, Float64Array>
}

/** Joins predictions of folds in fold order; all must have the same heads. */
export function joinPredictions(role: PredictedRole, parts: readonly Predictions[]): Predictions {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const tsNs = new BigInt64Array(rows)
  const fold = new Float64Array(rows)
  let at = 0
  for (const part of parts) {
    tsNs.set(part.tsNs, at)
    fold.set(part.fold, at)
    at += part.rows
  }
  return {
    role,
    rows,
    eventIds: parts.flatMap((part) => part.eventIds),
    tsNs,
    fold,
    heads: joinHeads(parts, rows, ({ heads }) => heads),
    calibrated: joinHeads(parts, rows, ({ calibrated }) => calibrated),
    law: joinHeads(parts, rows, ({ law }) => law),
    tilted: joinHeads(parts, rows, ({ tilted }) => tilted),
    served: joinHeads(parts, rows, ({ served }) => served),
  }
}

function joinHeads(
  parts: readonly Predictions[],
  rows: number,
  pick: (part: Predictions) => ReadonlyMap<string, Float64Array>,
): Map<string, Float64Array> {
  const names = [...new Set(parts.flatMap((part) => [...pick(part).keys()]))]
  const heads = new Map(names.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]))
  let at = 0
  for (const part of parts) {
    for (const [name, values] of pick(part)) heads.get(name)?.set(values, at)
    at += part.rows
  }
  return heads
}

/**
 * The row of `table` that each predicted event lies at, found by event id and touch time. Throws where an event is absent or
 * stands at another time: the signals are then not those that were predicted.
 */
export function locate(table: Table, predictions: Pick<Predictions, 'eventIds' | 'tsNs'>): Int32Array {
  const start = timesOf(table, 'ts_ns')
  const rowOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
  return Int32Array.from(predictions.eventIds, (id, i) => {
    const row = rowOf.get(id)
    if (row === undefined || start[row] !== predictions.tsNs[i]) {
      throw new Error(
        `models: event ${id}: was predicted but ${row === undefined ? 'is not in the signals' : 'has another time'}. ` +
          'Pass the signals that the models were trained on.',
      )
    }
    return row
  })
}
