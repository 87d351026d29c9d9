import { MOMENT_NUMBERS, numbersOf, type Table } from '@breakwater/features'

/** What a law reads of a moment, in order: its numbers, and the price of the level. */
export const LAW_NUMBERS: readonly string[] = [...MOMENT_NUMBERS, 'level_price']

/** Numbers of one moment or of many, row by row: number i of row r is `values[r * LAW_NUMBERS.length + i]`, NaN for missing. */
export type NumberRows = ArrayLike<number>

/** Place of a number among {@link LAW_NUMBERS}. */
export function lawPlace(name: string): number {
  const place = LAW_NUMBERS.indexOf(name)
  if (place === -1) throw new Error(`models: law: ${name} is not a number of a moment. Report this.`)
  return place
}

/** The numbers of a table's moments, row by row. Throws TypeError on an absent column. */
export function numberRows(moments: Table): Float64Array {
  const width = LAW_NUMBERS.length
  const values = new Float64Array(width * moments.rows)
  for (const [i, name] of LAW_NUMBERS.entries()) {
    const column = numbersOf(moments, name)
    for (let row = 0; row < moments.rows; row++) values[row * width + i] = column[row] as number
  }
  return values
}
