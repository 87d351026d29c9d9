/** How the features of a foreign file become columns of the model. */
export interface ColumnOptions {
  /**
   * Columns of the model to make, in order. The file's features are matched by name, in whatever order they stand; each
   * must be among these, while columns that the file does not have are never used. Default: the file's own features.
   */
  readonly columns?: readonly string[]
  /** Take the file's features as `columns` by position, whatever it calls them; their number must be the same. */
  readonly byPosition?: boolean
  /** Name of the file in errors. */
  readonly source?: string
}

/** The file's features as columns: their names, and for each feature of the file its column. */
export interface ColumnMatch {
  readonly columns: readonly string[]
  readonly columnOf: Int32Array
}

/**
 * Matches a file's features to the requested columns. `names` is empty where the file has none; `spelled` is how the
 * format writes a name. Throws naming the features that match no column.
 */
export function matchColumns(
  count: number,
  names: readonly string[],
  { columns, byPosition = false, source = 'model' }: ColumnOptions,
  spelled: (name: string) => string = (name) => name,
): ColumnMatch {
  if (columns === undefined) {
    const own = names.length > 0 ? names : Array.from({ length: count }, (_, i) => `f${i}`)
    return { columns: own, columnOf: Int32Array.from(own.keys()) }
  }
  if (byPosition) {
    if (columns.length === count) return { columns, columnOf: Int32Array.from(columns.keys()) }
    throw new Error(
      `trees: ${source}: has ${count} features, options.columns ${columns.length}: must be as many. Pass the columns it was trained on.`,
    )
  }
  if (names.length === 0) {
    throw new Error(
      `trees: ${source}: names no features, so they cannot be checked. Set the names where it was trained, or pass byPosition.`,
    )
  }
  const places = new Map(columns.map((name, c) => [spelled(name), c]))
  const unknown = names.filter((name) => !places.has(name))
  if (unknown.length > 0 || places.size !== columns.length || new Set(names).size !== names.length) {
    throw new Error(
      `trees: ${source}: feature names: ${describe(unknown)}. Train on the encoder's columns under their own names.`,
    )
  }
  return { columns, columnOf: Int32Array.from(names, (name) => places.get(name) as number) }
}

const SHOWN = 5

function describe(unknown: readonly string[]): string {
  if (unknown.length === 0) return 'two have the same name'
  const more = unknown.length > SHOWN ? ` and ${unknown.length - SHOWN} more` : ''
  return `${unknown.slice(0, SHOWN).join(', ')}${more}: not among options.columns`
}
