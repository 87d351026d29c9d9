import { type Anchor, anchorSuffix, type Column, type Outcome, type RowValues, type Table } from '@breakwater/features'

/** A touch that was confirmed live, with what became of it. */
export interface ResolvedTouch {
  /** Its row at the confirmation. */
  readonly row: RowValues
  readonly outcome: Outcome
}

/** Touches as a table of signals with the labels of one anchor: their columns are those of the rows. */
export function touchTable(touches: readonly ResolvedTouch[], anchor: Anchor): Table {
  const suffix = anchorSuffix(anchor)
  const rows = touches.map(({ row, outcome: { outcome, numbers } }): RowValues => {
    const labels = Object.entries(numbers).map(([name, value]) => [`${name}${suffix}`, value] as const)
    return { ...row, ...Object.fromEntries(labels), [`outcome${suffix}`]: outcome }
  })
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  return {
    rows: rows.length,
    columns: Object.fromEntries([...names].map((name) => [name, columnOf(rows.map((row) => row[name]))])),
  }
}

type Value = RowValues[string] | undefined

function columnOf(values: readonly Value[]): Column {
  if (values.some((value) => typeof value === 'bigint')) {
    return { type: 'time', values: BigInt64Array.from(values, (value) => (typeof value === 'bigint' ? value : 0n)) }
  }
  if (values.some((value) => typeof value === 'number')) {
    return {
      type: 'number',
      values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN)),
    }
  }
  const dictionary = [...new Set(values.filter((value) => typeof value === 'string'))]
  const codes = Int32Array.from(values, (value) => (typeof value === 'string' ? dictionary.indexOf(value) : -1))
  return { type: 'string', codes, dictionary }
}
