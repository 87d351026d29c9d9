import { ANCHOR_SECONDS, stringColumn } from '@breakwater/features'
import { foldRows } from '@breakwater/splits'
import { splitRows } from '../fit/plan.ts'
import type { TrainingDetails } from '../set/details.ts'
import type { Signals } from '../signals.ts'

/** Which sessions an index is fitted on. */
export interface IndexDates {
  readonly dates: readonly string[]
  /** Whether the caller named them. */
  readonly named: boolean
}

/** Rows that an index of one fold is fitted on. */
export interface IndexedRows {
  readonly fold: number
  /** One byte per row of the signals. */
  readonly train: Uint8Array
}

/**
 * The training dates of the models that the bundles hold, those of the set's final fit or of its last fold, or the named ones. Throws on a named date that the
 * signals of the set do not have, and on one that is not before every test date of that fold (its validation dates where
 * there are none): a walk-forward violation.
 */
export function indexDates(
  { plan, data, final }: Pick<TrainingDetails, 'plan' | 'data' | 'final'>,
  named: readonly string[] | undefined,
): IndexDates {
  const last = plan.folds.at(-1)
  if (last === undefined) throw new Error('models: the set has no fold. Train it again.')
  if (named === undefined) return { dates: final?.dates ?? last.train, named: false }
  const absent = named.filter((date) => !data.dates.includes(date))
  if (absent.length > 0) {
    throw new Error(
      `models: trainDates ${absent.join(' ')}: no matching dates: the set was trained with signals from ${data.dates[0]} to ${data.dates.at(-1)}. Ask for dates among them.`,
    )
  }
  const [role, scored] = last.test.length > 0 ? ['test', last.test] : ['validation', last.validation]
  const first = scored.toSorted()[0] ?? ''
  const late = named.filter((date) => date >= first)
  if (late.length > 0) {
    throw new Error(
      `models: trainDates ${late.join(' ')}: walk-forward violation: the ${role} dates begin at ${first}. Ask for dates before it.`,
    )
  }
  return { dates: [...new Set(named)].toSorted(), named: true }
}

/** Training rows of every fold, purged as for the trees. `signals` are those of the training. */
export function trainingRows(
  { plan, options }: Pick<TrainingDetails, 'plan' | 'options'>,
  signals: Signals,
): IndexedRows[] {
  const lastAnchor = Math.max(...options.anchors.map((anchor) => ANCHOR_SECONDS[anchor]))
  const rows = splitRows(signals.table, lastAnchor + signals.lookforwardSeconds)
  return plan.folds.map((fold) => ({ fold: fold.index, train: foldRows(fold, rows).train }))
}

/** Rows that an index to be served is fitted on: those of its dates, of the last fold purged as for the trees where they are its training dates. */
export function servedRows(
  details: Pick<TrainingDetails, 'plan' | 'options' | 'final'>,
  signals: Signals,
  dates: IndexDates,
): Uint8Array {
  if (details.final === undefined || dates.named)
    return indexedRows(details, signals, dates).at(-1)?.train ?? new Uint8Array(signals.table.rows)
  return rowsOfDates(signals, dates)
}

function rowsOfDates(signals: Signals, { dates }: IndexDates): Uint8Array {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const wanted = new Set(dates)
  return Uint8Array.from(codes, (code) => Number(wanted.has(dictionary[code] as string)))
}

/** Each fold with its training rows; with named dates the last fold alone, with the rows of those dates. */
export function indexedRows(
  details: Pick<TrainingDetails, 'plan' | 'options'>,
  signals: Signals,
  dates: IndexDates,
): IndexedRows[] {
  if (!dates.named) return trainingRows(details, signals)
  return [{ fold: details.plan.folds.length - 1, train: rowsOfDates(signals, dates) }]
}
