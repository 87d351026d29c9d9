import type { ColumnSpec } from './schema/schema.ts'
import { numberColumn, stringColumn } from './table-columns.ts'
import type { Matrix, NumberColumn, StringColumn, Table } from './table.ts'

/** How one table column becomes matrix columns: a number as it is, a string as one indicator column a category. */
export type Encoding =
  | { readonly name: string; readonly kind: 'number' }
  | { readonly name: string; readonly kind: 'category'; readonly categories: readonly string[] }

/** A fitted encoder: plain data, the same for batch and live rows. */
export interface Encoder {
  readonly encodings: readonly Encoding[]
  /** Matrix columns in order: a number's own name, `name=CATEGORY` for an indicator. */
  readonly columns: readonly string[]
}

/** What encoding met: rows without a value by column, and rows of a category not seen in training by column and value. */
export interface EncodeReport {
  readonly missing: Map<string, number>
  readonly unseen: Map<string, Map<string, number>>
  /** Values of a column that are counted one by one; the rows of others are counted together as `others`. */
  readonly maxValues: number
}

/** The counts of a report as plain objects, for JSON. */
export interface EncodeCounts {
  readonly missing: Readonly<Record<string, number>>
  readonly unseen: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** A live row: values under their column names. null, undefined and NaN are missing values; an absent key is an error. */
export type RowValues = Readonly<Record<string, number | bigint | boolean | string | null | undefined>>

/** An empty report, for {@link encodeRow} to add to. Live words have no end: give the most values to count, Infinity by default. */
export function emptyReport(maxValues: number = Infinity): EncodeReport {
  return { missing: new Map(), unseen: new Map(), maxValues }
}

/** The counts of several reports, those of a column from the last report that has it. */
export function encodeCounts(...reports: readonly EncodeReport[]): EncodeCounts {
  const unseen = reports.flatMap((report) => [...report.unseen])
  return {
    missing: Object.fromEntries(reports.flatMap((report) => [...report.missing])),
    unseen: Object.fromEntries(unseen.map(([name, values]) => [name, Object.fromEntries(values)])),
  }
}

/**
 * Learns the categories of string features from the rows of `rows` (one byte per row; all without it), which must be
 * training rows alone, sorted so that row order does not matter. Throws on an empty list and an absent column.
 */
export function fitEncoder(
  table: Table,
  features: readonly ColumnSpec[],
  { rows }: { readonly rows?: Uint8Array } = {},
): Encoder {
  if (features.length === 0) {
    throw new RangeError('features: features=[]: must have at least one feature. Use selectFeatures to choose them.')
  }
  if (rows !== undefined && rows.length !== table.rows) {
    throw new RangeError(`features: rows.length=${rows.length}: must be one byte a table row, ${table.rows}.`)
  }
  return makeEncoder(
    features.map(({ name, type }) => {
      if (type === 'string') {
        return { name, kind: 'category', categories: categoriesIn(stringColumn(table, name), rows) }
      }
      numberColumn(table, name)
      return { name, kind: 'number' }
    }),
  )
}

/** The encoder of given encodings; its columns follow from them. Throws when two matrix columns would have one name. */
export function makeEncoder(encodings: readonly Encoding[]): Encoder {
  const columns = encodings.flatMap((encoding) =>
    encoding.kind === 'number' ? [encoding.name] : encoding.categories.map((value) => `${encoding.name}=${value}`),
  )
  const seen = new Set<string>()
  for (const column of columns) {
    if (seen.has(column)) {
      throw new Error(`features: encodings: two matrix columns would be called ${column}. Name each feature once.`)
    }
    seen.add(column)
  }
  return { encodings, columns }
}

/**
 * Encodes a table: numbers rounded to 32 bits, categories as 1 in their own column and 0 in the others. A missing value
 * is NaN (in all indicators of a string); so is a category that training did not have, which is counted as unseen and
 * not as missing. Throws when a column of the encoder is absent. Cost: rows x matrix columns.
 */
export function encodeTable(
  encoder: Encoder,
  table: Table,
): { readonly matrix: Matrix; readonly report: EncodeReport } {
  const values = new Float32Array(encoder.columns.length * table.rows)
  const report = emptyReport()
  let at = 0
  for (const encoding of encoder.encodings) {
    const width = widthOf(encoding)
    const out = values.subarray(at, at + width * table.rows)
    if (encoding.kind === 'number') encodeNumbers(encoding.name, numberColumn(table, encoding.name), out, report)
    else encodeStrings(encoding, table, out, report)
    at += width * table.rows
  }
  return { matrix: { columns: encoder.columns, rows: table.rows, values }, report }
}

/**
 * Encodes one live row into `out` (written; `encoder.columns.length` floats), to the same bits as {@link encodeTable}. An
 * absent key is an error, because a column that is never given would be silently missing for ever; null is a missing
 * value. Adds to `report` where one is given.
 */
export function encodeRow(encoder: Encoder, row: RowValues, out: Float32Array, report?: EncodeReport): void {
  if (out.length !== encoder.columns.length) {
    throw new RangeError(`features: out.length=${out.length}: must be ${encoder.columns.length}, one a matrix column.`)
  }
  let at = 0
  for (const encoding of encoder.encodings) {
    const value = row[encoding.name]
    if (value === undefined && !(encoding.name in row)) throw absent(encoding.name, 'row')
    if (encoding.kind === 'number') out[at] = liveNumber(encoding.name, value, report)
    else liveCategory(encoding, value, out.subarray(at, at + encoding.categories.length), report)
    at += widthOf(encoding)
  }
}

/** Throws unless every column of the encoder is among `names`: the check for start-up, before the first live row. */
export function checkColumns(encoder: Encoder, names: Iterable<string>): void {
  const given = new Set(names)
  const missing = encoder.encodings.filter(({ name }) => !given.has(name)).map(({ name }) => name)
  if (missing.length > 0) throw absent(missing.join(', '), 'columns')
}

const widthOf = (encoding: Encoding): number => (encoding.kind === 'number' ? 1 : encoding.categories.length)

function absent(names: string, argument: string): Error {
  return new Error(
    `features: ${argument}: ${names} is missing, which the encoder was fitted on. Pass null for no value.`,
  )
}

/** Categories of a string column among the rows of the mask (all rows without one), sorted by code unit. */
function categoriesIn(column: StringColumn, mask: Uint8Array | undefined): string[] {
  const seen = new Uint8Array(column.dictionary.length)
  for (const [row, code] of column.codes.entries()) if (code >= 0 && mask?.[row] !== 0) seen[code] = 1
  return column.dictionary.filter((_, code) => seen[code] === 1).toSorted((a, b) => (a < b ? -1 : 1))
}

/** The number that stands for a value in the matrix: one definition for both paths. */
const toFloat = (value: number): number => (Number.isNaN(value) ? Number.NaN : Math.fround(value))

/** The indicator of `category` at place `index` when the row holds category `held`; -1 is missing or unseen. */
const toIndicator = (held: number, index: number): number => (held < 0 ? Number.NaN : held === index ? 1 : 0)

const OTHERS = 'others'

function add(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function addUnseen({ unseen, maxValues }: EncodeReport, name: string, value: string, by: number): void {
  const values = unseen.get(name) ?? new Map<string, number>()
  unseen.set(name, values)
  add(values, values.has(value) || values.size < maxValues ? value : OTHERS, by)
}

function encodeNumbers(name: string, { values }: NumberColumn, out: Float32Array, report: EncodeReport): void {
  let missing = 0
  for (let row = 0; row < out.length; row++) {
    const value = toFloat(values[row] as number)
    out[row] = value
    if (Number.isNaN(value)) missing++
  }
  if (missing > 0) add(report.missing, name, missing)
}

function encodeStrings(
  { name, categories }: Extract<Encoding, { kind: 'category' }>,
  table: Table,
  out: Float32Array,
  report: EncodeReport,
): void {
  const { codes, dictionary } = stringColumn(table, name)
  const placeOf = Int32Array.from(dictionary, (value) => categories.indexOf(value))
  const unseen = new Int32Array(dictionary.length)
  let missing = 0
  for (let row = 0; row < table.rows; row++) {
    const code = codes[row] as number
    const held = code < 0 ? -1 : (placeOf[code] as number)
    if (code < 0) missing++
    else if (held < 0) unseen[code] = (unseen[code] as number) + 1
    for (let place = 0; place < categories.length; place++) out[place * table.rows + row] = toIndicator(held, place)
  }
  if (missing > 0) add(report.missing, name, missing)
  for (const [code, rows] of unseen.entries()) if (rows > 0) addUnseen(report, name, dictionary[code] as string, rows)
}

function liveNumber(name: string, value: RowValues[string], report: EncodeReport | undefined): number {
  if (typeof value === 'string')
    throw new TypeError(`features: row.${name}=${JSON.stringify(value)}: must be a number.`)
  const number = value === null || value === undefined ? Number.NaN : toFloat(Number(value))
  if (Number.isNaN(number) && report !== undefined) add(report.missing, name)
  return number
}

function liveCategory(
  { name, categories }: Extract<Encoding, { kind: 'category' }>,
  value: RowValues[string],
  out: Float32Array,
  report: EncodeReport | undefined,
): void {
  const missing = value === null || value === undefined
  if (!missing && typeof value !== 'string') {
    throw new TypeError(`features: row.${name}=${String(value)}: must be a word or null. Pass the category's name.`)
  }
  const held = missing ? -1 : categories.indexOf(value)
  for (let place = 0; place < categories.length; place++) out[place] = toIndicator(held, place)
  if (report === undefined || held >= 0) return
  if (missing) add(report.missing, name)
  else addUnseen(report, name, value, 1)
}
