import { stringsOf, type Table } from '@breakwater/features'
import type { FeatureBaseline } from '@breakwater/models'
import { createDriftWatch, type FeatureDrift } from '@breakwater/monitor'

/** Features beside their training rows, session by session. Lists of sessions have one entry for each of `dates`. */
export interface FeatureDrifts {
  /** Sessions in time order. */
  readonly dates: readonly string[]
  /** Rows of each session. */
  readonly rows: readonly number[]
  /** Whether the served models were trained on the session. */
  readonly trained: readonly boolean[]
  readonly features: readonly FeatureDriftBySession[]
}

/** One feature by session. */
export interface FeatureDriftBySession {
  readonly name: string
  readonly missingInTraining: number
  /** Mean of `stability` over the sessions of training, and over those after the last of them; null without any. */
  readonly meanInTraining: number | null
  readonly meanAfter: number | null
  /** Population stability index of the session's rows against those of training; null where none has a value. */
  readonly stability: readonly (number | null)[]
  /** Share of rows without a value. */
  readonly missing: readonly number[]
  /** Share of rows whose word training had not. */
  readonly unseen: readonly number[]
}

/** Rows to tell the drift of, by session. */
export interface FeatureDriftInput {
  readonly table: Table
  /** How features are distributed over the training rows. */
  readonly baseline: readonly FeatureBaseline[]
  /** Sessions of these rows. */
  readonly trained: readonly string[]
}

/**
 * How the rows of each session differ from those that the served models were trained on: the stability index and the shares of missing
 * values and unseen words that `createDriftWatch` of monitor tells live, of the same `baseline`. Sessions of training are told as others are:
 * they say how far one session stands from all of them by chance.
 *
 * Features of `baseline` that the table lacks are left out. Each value is known at the end of its session. Throws on a table without `date`.
 * Cost: rows x features.
 */
export function featureDrifts({ table, baseline, trained }: FeatureDriftInput): FeatureDrifts {
  const known = baseline.filter(({ name }) => name in table.columns)
  const readers = known.map(({ name }) => [name, readerOf(table, name)] as const)
  const rowsOf = new Map<string, number[]>()
  for (const [row, date] of stringsOf(table, 'date').entries()) {
    const rows = rowsOf.get(date) ?? []
    rows.push(row)
    rowsOf.set(date, rows)
  }
  const dates = [...rowsOf.keys()].toSorted()
  const watch = createDriftWatch(known)
  const values: Record<string, unknown> = {}
  const sessions = dates.map((date) => {
    watch.begin(date)
    for (const row of rowsOf.get(date) ?? []) {
      for (const [name, read] of readers) values[name] = read(row)
      watch.take(values)
    }
    return watch.features()
  })
  const along = <T>(f: number, read: (drift: FeatureDrift) => T): T[] =>
    sessions.map((features) => read(features[f] as FeatureDrift))
  const isTrained = dates.map((date) => trained.includes(date))
  const lastTrained = isTrained.lastIndexOf(true)
  return {
    dates,
    trained: isTrained,
    rows: dates.map((date) => rowsOf.get(date)?.length ?? 0),
    features: known.map(({ name, missing }, f) => {
      const stability = along(f, (drift) => drift.stability)
      return {
        name,
        missingInTraining: missing,
        meanInTraining: meanOf(stability.filter((_, s) => isTrained[s])),
        meanAfter: meanOf(stability.slice(lastTrained + 1)),
        stability,
        missing: along(f, (drift) => drift.missing),
        unseen: along(f, ({ unseen }) => unseen),
      }
    }),
  }
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function readerOf(table: Table, name: string): (row: number) => number | string | null | undefined {
  const column = table.columns[name]
  if (column?.type === 'string') return (row) => column.dictionary[column.codes[row] ?? -1]
  return column?.type === 'number' ? (row) => column.values[row] : () => null
}
