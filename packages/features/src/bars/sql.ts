/** SQL that reads bars from one CSV or Parquet file without letting the machine's time zone in. */
import { ABSENT, EPOCH, NAIVE, UNREADABLE } from './time.ts'
import { identifier, literal } from '../parquet/sql.ts'

/** The parts of a bar that a file must have. */
export type BarField = 'time' | 'open' | 'high' | 'low' | 'close' | 'volume'

/** Which column of the file holds which part; a volume that nobody knows is null. */
export type BarColumns = Readonly<Record<Exclude<BarField, 'volume'>, string>> & { readonly volume: string | null }

/** Names of a time column, the more specific first. */
const TIME_NAMES = ['ts_ns', 'datetime', 'timestamp', 'ts', 'time', 'date'] as const
const WHOLE = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'])

/** A path as a pattern that DuckDB's glob matches to that path alone. */
function pattern(path: string): string {
  return literal(path.replaceAll(/[[*?]/g, '[$&]'))
}

/** The file as a table: Parquet by its ending, anything else as CSV with a header, all cells text. */
export function relationOf(path: string): string {
  if (path.toLowerCase().endsWith('.parquet')) return `read_parquet(${pattern(path)}, hive_partitioning = false)`
  return `read_csv(${pattern(path)}, header = true, all_varchar = true, hive_partitioning = false)`
}

function findName(names: readonly string[], wanted: string): string | undefined {
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted)
}

/**
 * Chooses the columns of a file: those that `given` names, the others by their usual names in any case. Throws with the
 * columns that there are when a part has none.
 */
export function chooseColumns(names: readonly string[], given: Partial<BarColumns>, path: string): BarColumns {
  const there = names.join(', ')
  for (const [field, name] of Object.entries(given)) {
    if (name !== null && !names.includes(name)) {
      throw new Error(`features: columns.${field}=${name}: ${path} has no such column, but ${there}. Correct the name.`)
    }
  }
  const time = given.time ?? TIME_NAMES.map((name) => findName(names, name)).find((name) => name !== undefined)
  if (time === undefined) {
    const usual = TIME_NAMES.join(', ')
    throw new Error(
      `features: columns.time: ${path} has none of ${usual}, but ${there}. Name the time column: --columns time=NAME.`,
    )
  }
  const part = (name: Exclude<BarField, 'time'>): string => {
    const column = given[name] ?? findName(names, name)
    if (column !== undefined) return column
    const without = name === 'volume' ? ', or go without VWAP: --columns volume=-' : ''
    throw new Error(
      `features: columns.${name}: ${path} has no column ${name}, but ${there}. Name the column: --columns ${name}=NAME${without}.`,
    )
  }
  return {
    time,
    open: part('open'),
    high: part('high'),
    low: part('low'),
    close: part('close'),
    volume: given.volume === null ? null : part('volume'),
  }
}

const OFFSET = String.raw`(Z|z|UTC|[+-]\d\d(?::?\d\d)?)`
const CLOCK = String.raw`:\d\d(?:\.\d+)?`

/** Seconds east of UTC of the zone text `zone`: 'Z', 'UTC', '+05', '-0500', '-05:00'. */
function offsetSql(zone: string): string {
  const hours = `CAST(substr(${zone}, 2, 2) AS INTEGER)`
  const minutes = `CAST(if(length(${zone}) > 3, right(${zone}, 2), '0') AS INTEGER)`
  const size = `(${hours} * 3600 + ${minutes} * 60)`
  return `CASE WHEN ${zone} IN ('Z', 'z', 'UTC') THEN 0 WHEN ${zone} LIKE '-%' THEN -${size} ELSE ${size} END`
}

function textStampSql(column: string): StampSql {
  const zone = `regexp_extract(${column}, '${CLOCK}\\s*${OFFSET}$', 1)`
  const wall = `epoch_ns(TRY_CAST(regexp_replace(${column}, '(${CLOCK})\\s*${OFFSET}$', '\\1') AS TIMESTAMP_NS))`
  const whole = `regexp_full_match(${column}, '-?\\d{9,19}')`
  const value = `CASE WHEN ${whole} THEN TRY_CAST(${column} AS BIGINT) ELSE ${wall} END`
  const offset = `CASE WHEN ${column} IS NULL OR trim(${column}) = '' THEN ${ABSENT} WHEN ${value} IS NULL THEN ${UNREADABLE}
    WHEN ${whole} THEN ${EPOCH} WHEN ${zone} = '' THEN ${NAIVE} ELSE ${offsetSql(zone)} END`
  return { value, offset }
}

/** Expressions of a time stamp: `value` BIGINT and `offset` INTEGER as `Stamps` has them, neither ever NULL. */
export interface StampSql {
  readonly value: string
  readonly offset: string
}

function rawStampSql(column: string, type: string): StampSql | undefined {
  const present = (offset: number): string => `if(${column} IS NULL, ${ABSENT}, ${offset})`
  if (type === 'VARCHAR') return textStampSql(column)
  if (WHOLE.has(type)) return { value: `CAST(${column} AS BIGINT)`, offset: present(EPOCH) }
  if (type === 'TIMESTAMP WITH TIME ZONE') return { value: `epoch_ns(${column})`, offset: present(0) }
  if (type.startsWith('TIMESTAMP')) return { value: `epoch_ns(${column})`, offset: present(NAIVE) }
  return undefined
}

/** Reads a time column of a DuckDB type; undefined when the type holds no time of day. */
export function stampSql(name: string, type: string): StampSql | undefined {
  const sql = rawStampSql(identifier(name), type)
  return sql && { value: `coalesce(${sql.value}, 0)`, offset: `CAST(${sql.offset} AS INTEGER)` }
}

/** A price or volume as DOUBLE, NaN where the cell is empty or not a number, or where there is no column. */
export function valueSql(name: string | null): string {
  if (name === null) return "'nan'::DOUBLE"
  return `coalesce(TRY_CAST(${identifier(name)} AS DOUBLE), 'nan'::DOUBLE)`
}
