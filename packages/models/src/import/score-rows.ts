import type { HeadTarget } from '@breakwater/features'
import { encoderFromJson, stringColumn } from '@breakwater/features'
import type { Bundle } from '@breakwater/trees'
import { importance, predict, treeCount } from '@breakwater/trees'
import { encodeAtAnchor } from '../at-anchor.ts'
import { headMetrics } from '../fit/head-metrics.ts'
import { both, constantOf, count } from '../rows.ts'
import type { CalibrationRecord, HeadRecord } from '../set/details.ts'
import { locate, type Predictions } from '../set/predictions.ts'
import type { Signals } from '../signals.ts'

/** An imported head on the rows that the set predicted. */
export interface ImportedRows {
  /** One a row of the set's predictions; NaN for sessions that are not after all that the model saw. */
  readonly values: Float64Array
  readonly record: HeadRecord
}

/** What {@link scoreRows} looks at. */
export interface HeadToScore {
  /** Of the set, whose rows are predicted again. */
  readonly predictions: Predictions
  readonly signals: Signals
  readonly target: HeadTarget
  readonly bundle: Bundle
  readonly record: HeadRecord
  /** Name of the file it came from. */
  readonly file: string
  /** What the record says of its place in what the set serves. */
  readonly place: string
}

/**
 * Predicts the set's recorded rows with an imported model, but only those of sessions after every one that the model saw,
 * and describes the head by them, fold by fold. A fold without such rows has no model of this head, but the last always has:
 * it is the one that later sessions are scored as.
 */
export function scoreRows({ predictions, signals, target, bundle, record, file, place }: HeadToScore): ImportedRows {
  const { table } = signals
  const { model, description } = bundle
  const { train, validation } = description.dates
  const latest = [...train, ...validation].toSorted().at(-1) ?? ''
  const { codes, dictionary } = stringColumn(table, 'date')
  const dateOf = (row: number): string => dictionary[codes[row] as number] as string
  const maskOf = (keep: (date: string) => boolean): Uint8Array =>
    both(
      target.mask,
      Uint8Array.from({ length: table.rows }, (_, row) => Number(keep(dateOf(row)))),
    )
  const trainMask = maskOf((date) => train.includes(date))
  const reference = constantOf(target.task, target.values, trainMask)
  if (reference === null) {
    throw new Error(
      `models: trainDates ${train.join(' ')}: the set's signals have no rows of ${target.name} on these dates, so there is ` +
        'no constant forecast to compare with. Name the dates that the model was trained on.',
    )
  }
  const predicted = predict(model, encodeAtAnchor(encoderFromJson(description.encoder), table, target.anchor).matrix)
  const rows = locate(table, predictions)
  const values = Float64Array.from(rows, (row) => (dateOf(row) > latest ? (predicted[row] as number) : Number.NaN))
  const served = {
    trees: treeCount(model),
    trainRows: count(trainMask),
    validationRows: count(maskOf((date) => validation.includes(date))),
    reference,
  }
  const calibration: CalibrationRecord = {
    kind: null,
    reason: `imported from ${file}: there are no out-of-fold predictions to fit a calibrator on; ${place}`,
    rows: 0,
    sessions: 0,
    interval: null,
    scores: [],
  }
  const last = record.folds.at(-1)?.fold
  const folds = record.folds.map(({ fold }): FoldRecord => {
    const mask = new Uint8Array(table.rows)
    for (const [i, row] of rows.entries()) {
      if (predictions.fold[i] === fold && !Number.isNaN(values[i])) mask[row] = target.mask[row] as number
    }
    const metrics = {
      ...NO_ROWS,
      [predictions.role]: headMetrics(target.task, predicted, target.values, mask),
    }
    if (count(mask) > 0 || fold === last)
      return { fold, status: 'trained', reason: null, ...served, metrics, calibration }
    const reason = `imported from ${file}, whose dates reach ${latest}: this fold has no later rows`
    return { ...NOTHING, fold, status: 'skipped', reason, metrics: NO_ROWS, calibration }
  })
  return {
    values,
    record: { ...record, folds, importance: importance(model).map(({ column, gain }) => ({ column, gain })) },
  }
}

type FoldRecord = HeadRecord['folds'][number]

const NO_ROWS = { validation: { rows: 0 }, test: { rows: 0 } }
const NOTHING = { trees: 0, trainRows: 0, validationRows: 0, reference: null }
