/**
 * What a signals table holds: one {@link ColumnSpec} per column, in file order. Both layouts of features.json (version 2,
 * ours, and the original 1.5.0) become this shape; nothing downstream knows which one was read.
 */

/** How a column is stored in Parquet; in memory the first is strings, `time` is nanoseconds, all others are numbers. */
export type ColumnType = 'string' | 'float64' | 'int8' | 'int32' | 'int64' | 'bool' | 'time'

/** What a column is for. Only `feature` columns can feed a model; `level` columns are raw prices and codes. */
export type ColumnRole = 'identity' | 'level' | 'feature' | 'label'

/**
 * Which ablation keeps a feature: `ta` (derived from bars), `mechanics` (derived from order book, tape or option flow),
 * `context` (goes with every ablation) or `mixed` (made from both ta and mechanics, so only the full set has it).
 */
export type FeatureFamily = 'ta' | 'mechanics' | 'context' | 'mixed'

/** The first stage that sees a feature: `a` is core physics, `b` adds everything else. */
export type FeatureStage = 'a' | 'b'

/** One column of the schema. */
export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly group: string
  readonly role: ColumnRole
  readonly family?: FeatureFamily
  readonly stage?: FeatureStage
  /** Unit of the values: `$`, `s`, `ns`, `1` for a pure number, `word` for a category. */
  readonly unit: string
  /** Seconds after `ts_ns` (the start of the touch minute) at which the value is known. Every usable feature has it. */
  readonly knownAfterS?: number
  /** Why the stored values contain the future. A column with this is never selected as a feature. */
  readonly lookahead?: string
  /** The values that a string column may hold. */
  readonly categories?: readonly string[]
  /** Other names under which a file may store the column, and a caller may ask for it. */
  readonly aliases?: readonly string[]
  readonly description: string
}

/** A validated schema. Names and aliases are unique together; every feature has a family and a stage. */
export interface Schema {
  /** Layout that the schema was read from. */
  readonly version: '2' | '1.5.0'
  readonly name: string
  readonly description: string
  readonly columns: readonly ColumnSpec[]
  /** Columns of a table of moments (`touchMoments`) that signals do not have; each is known at the moment. */
  readonly moments: readonly ColumnSpec[]
  /** Columns that the original layout names but the shipped overlay does not know: never features. Empty for version 2. */
  readonly unknown: readonly string[]
  /** Where the signals are stored according to the original layout, if it records that. */
  readonly outputPath?: string
}

/** The column called `name`, or having it as an alias; undefined when there is none. Cost: linear in the columns. */
export function findColumn(schema: Schema, name: string): ColumnSpec | undefined {
  return (
    schema.columns.find((column) => column.name === name) ??
    schema.columns.find((column) => column.aliases?.includes(name) === true)
  )
}
