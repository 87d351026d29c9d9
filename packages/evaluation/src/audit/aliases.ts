import type { FeatureSpec, Schema, Table } from '@breakwater/features'
import type { AuditFinding } from './finding.ts'
import { agreement, evenly, type Sample, samplesOf } from './samples.ts'

/** Agreement from which a feature is a label under another name. */
const ALIAS = 0.95
/** Rows that are compared: agreement this close needs no more. */
const ROWS = 2000
/** Rows of a first look, and the agreement there from which a second is worth its time. */
const FIRST_ROWS = 150
const FIRST = 0.7
/** How much of the window the data covers: a matter of the time of day, which features may know. */
const COVERAGE = /^window_s/u
/** Labels that are prices: any other price of the time ranks as they do, so only what they differ by is compared. */
const PRICES = /^(anchor_spot|future_price)/u

/**
 * Features that are a label under another name: they order rows as a label column of the signals does, or as the change up to a
 * price label from the touch's close or from the level, by .95 or more either way; or they equal a price label. Words
 * are compared one by one. O(features x labels x rows log rows), on 2,000 rows.
 */
export function findAliases(schema: Schema, table: Table, features: readonly FeatureSpec[]): AuditFinding[] {
  const labels = schema.columns.filter(({ role }) => role === 'label').flatMap(({ name }) => labelSamples(table, name))
  const prices = schema.columns.filter(({ name }) => PRICES.test(name)).flatMap(({ name }) => samplesOf(table, name))
  const rows = evenly([...Array.from({ length: table.rows }).keys()], ROWS)
  const some = evenly(rows, FIRST_ROWS)
  const look = (sample: Sample, label: Sample): ReturnType<typeof agreement> => {
    const first = agreement(sample.values, label.values, some)
    return first !== null && Math.abs(first.value) < FIRST ? null : agreement(sample.values, label.values, rows)
  }
  return features.flatMap(({ name }) => {
    const samples = samplesOf(table, name)
    const found = samples
      .flatMap((sample) => [
        ...labels.map((label) => ({ sample, label, seen: look(sample, label) })),
        ...prices.map((label) => ({ sample, label, seen: equality(sample.values, label.values, rows) })),
      ])
      .filter(({ seen }) => Math.abs(seen?.value ?? 0) >= ALIAS)
      .toSorted((a, b) => Math.abs(b.seen?.value ?? 0) - Math.abs(a.seen?.value ?? 0))[0]
    if (found?.seen == null) return []
    const { sample, label, seen } = found
    return [
      {
        check: 'aliases' as const,
        column: name,
        severity: 'leak' as const,
        statement: `${sample.name} orders rows as the label ${label.name} does: agreement ${seen.value.toFixed(3)}`,
        fix: 'Remove the column, or give it the role of a label in features.json.',
        rows: seen.rows,
      },
    ]
  })
}

function labelSamples(table: Table, name: string): Sample[] {
  if (COVERAGE.test(name)) return []
  // An incomplete window is no outcome either.
  const own = samplesOf(table, name).filter((sample) => sample.name !== `${name}=UNDEFINED`)
  if (!PRICES.test(name)) return own
  return own.flatMap((price) =>
    ['spot', 'level_price'].flatMap((origin) =>
      samplesOf(table, origin).map(({ values }) => ({
        name: `${name} less ${origin}`,
        values: price.values.map((value, row) => value - (values[row] as number)),
      })),
    ),
  )
}

/** Share of rows on which two columns are equal, as an agreement. */
function equality(a: Float64Array, b: Float64Array, rows: readonly number[]): ReturnType<typeof agreement> {
  const known = rows.filter((row) => Number.isFinite(a[row]) && Number.isFinite(b[row]))
  if (known.length < 50) return null
  return { value: known.filter((row) => a[row] === b[row]).length / known.length, rows: known.length }
}
