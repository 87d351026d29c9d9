/** SQL fragments for reading Parquet: quoting, and one expression per stored type that leaves no NULL behind. */

/** What a column becomes in memory. */
export type ColumnKind = 'number' | 'time' | 'string'

const FLOATS = new Set(['FLOAT', 'DOUBLE'])
const SMALL_INTEGERS = new Set(['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER'])
const WIDE_INTEGERS = new Set(['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT'])
const STRINGS = new Set(['VARCHAR', 'DATE'])

/** `text` as an SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** `name` as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function isTimestamp(type: string): boolean {
  return type.startsWith('TIMESTAMP')
}

function isNumeric(type: string): boolean {
  return FLOATS.has(type) || SMALL_INTEGERS.has(type) || WIDE_INTEGERS.has(type) || type.startsWith('DECIMAL')
}

/**
 * The kind that a DuckDB type is read as by default: 64-bit integers and timestamps are times, other
 * numbers and booleans are numbers, strings, enumerations and dates are strings. Undefined for a type without a place
 * in a table (lists, structs, blobs).
 */
export function defaultKind(type: string): ColumnKind | undefined {
  if (type === 'BIGINT' || isTimestamp(type)) return 'time'
  if (isNumeric(type)) return 'number'
  return STRINGS.has(type) || type.startsWith('ENUM') ? 'string' : undefined
}

/** The coarse kind by which two files are compared: an int8 and a float64 column agree, a string and a number do not. */
export function familyOf(type: string): string {
  if (isNumeric(type)) return 'number'
  return isTimestamp(type) ? 'timestamp' : (defaultKind(type) ?? type)
}

/** Whether a stored type can be read as `kind` without inventing values. */
export function canRead(type: string, kind: ColumnKind): boolean {
  if (kind === 'number') return isNumeric(type)
  if (kind === 'time') return type === 'BIGINT' || FLOATS.has(type) || isTimestamp(type)
  return defaultKind(type) === 'string'
}

/** Number expression: FLOAT stays FLOAT, all else becomes DOUBLE; NULL becomes NaN. */
export function numberSql(column: string, type: string): string {
  const as = type === 'FLOAT' ? 'FLOAT' : 'DOUBLE'
  return `coalesce(CAST(${column} AS ${as}), 'nan'::${as})`
}

/** Nanosecond expression (BIGINT): NULL and NaN become the least 64-bit integer. */
export function timeSql(column: string, type: string): string {
  const missing = '(-9223372036854775807 - 1)'
  if (isTimestamp(type)) return `coalesce(epoch_ns(${column}), ${missing})`
  if (!FLOATS.has(type)) return `coalesce(${column}, ${missing})`
  return `CASE WHEN ${column} IS NULL OR isnan(${column}) THEN ${missing} ELSE CAST(${column} AS BIGINT) END`
}

/** Code expression (INTEGER) over the enumeration type `enumType`: NULL becomes -1. */
export function codeSql(column: string, enumType: string): string {
  return `coalesce(CAST(enum_code(CAST(CAST(${column} AS VARCHAR) AS ${enumType})) AS INTEGER), -1)`
}
