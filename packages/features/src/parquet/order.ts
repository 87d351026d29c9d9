import { stringColumn, timeColumn } from '../table-columns.ts'
import type { Column, StringColumn, Table, TimeColumn } from '../table.ts'
import { MISSING_NS } from '../table.ts'

function startsOf(table: Table): TimeColumn {
  const column = timeColumn(table, 'ts_ns')
  if (column.values.includes(MISSING_NS)) {
    throw new Error('features: ts_ns: a row has no time. Write the signals again.')
  }
  return column
}

/** The ids, after checking that each row has one of its own. */
function idsOf(table: Table): StringColumn {
  const column = stringColumn(table, 'event_id')
  const seen = new Uint8Array(column.dictionary.length)
  for (const code of column.codes) {
    if (code < 0) throw new Error('features: event_id: a row has no event_id. Write the signals again.')
    if (seen[code] === 1) {
      throw new Error(
        `features: event_id=${column.dictionary[code]}: duplicated event_id. Read each signals file once, or write them again.`,
      )
    }
    seen[code] = 1
  }
  return column
}

/**
 * The row order by (ts_ns, event_id as UTF-16 text), as old row numbers; undefined when the table has it already. Throws
 * when an id is missing or occurs twice, or a time is missing. Cost: one pass when sorted, else n log n comparisons.
 */
export function eventOrder(table: Table): Uint32Array | undefined {
  const { values } = startsOf(table)
  const { codes, dictionary } = idsOf(table)
  // Rounded times decide nearly every comparison without a bigint; rounding never swaps two times.
  const coarse = Float64Array.from(values, Number)
  const compare = (a: number, b: number): number => {
    const gap = (coarse[a] as number) - (coarse[b] as number)
    if (gap !== 0) return gap
    const [x, y] = [values[a] as bigint, values[b] as bigint]
    if (x !== y) return x < y ? -1 : 1
    return (dictionary[codes[a] as number] as string) < (dictionary[codes[b] as number] as string) ? -1 : 1
  }
  let sorted = true
  for (let row = 1; row < table.rows && sorted; row++) sorted = compare(row - 1, row) < 0
  return sorted ? undefined : Uint32Array.from(values, (_, row) => row).toSorted(compare)
}

/** Row i of the result is row `order[i]` of `column`. Allocates one array; the dictionary is shared. */
export function permute(column: Column, order: Uint32Array): Column {
  if (column.type === 'string') {
    return { ...column, codes: Int32Array.from(order, (row) => column.codes[row] as number) }
  }
  if (column.type === 'time') {
    return { ...column, values: BigInt64Array.from(order, (row) => column.values[row] as bigint) }
  }
  const { values } = column
  const moved = values instanceof Float32Array ? new Float32Array(order.length) : new Float64Array(order.length)
  for (let i = 0; i < order.length; i++) moved[i] = values[order[i] as number] as number
  return { type: 'number', values: moved }
}
