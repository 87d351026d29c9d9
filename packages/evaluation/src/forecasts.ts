import type { Task } from './documents/figures.ts'

/**
 * Forecasts of one head in one or more ways, with what came of them: the one shape that everything here scores. Every
 * array has one value per row, and every column forecasts every row.
 */
export interface Forecasts {
  /** Name of the head: what was forecast. */
  readonly head: string
  readonly task: Task
  /** Probabilities, or dollars, by column id, in the order in which columns are shown. */
  readonly columns: ReadonlyMap<string, Float64Array>
  /** 0 or 1, or dollars. */
  readonly targets: Float64Array
  /** Session of each row: its rank among dates, so that later sessions have higher numbers. At least 0. */
  readonly sessions: Int32Array
  /** Fold whose models made the forecasts. */
  readonly folds: Int32Array
  /** Kind of the level that was touched. */
  readonly kinds: readonly string[]
  /** Rows with a target that some column forecasts and another does not: they are not among these rows. */
  readonly leftOut: number
  /**
   * Rows of one code overlap: they are of one session, and their label windows begin in the same stretch of time as long as such a
   * window, at whatever level. Bands and intervals of rates take their outcomes as correlated; without it rows count as independent.
   */
  readonly episodes?: Int32Array | undefined
  /** Dollars that price stood beyond the level when the forecast was made; NaN where that is not known. */
  readonly moved?: Float64Array | undefined
}

/** The values of a column; throws where the forecasts have no column of this id. */
export function columnOf({ head, columns }: Forecasts, id: string): Float64Array {
  const values = columns.get(id)
  if (values !== undefined) return values
  throw new RangeError(
    `evaluation: column=${id}: must be one of ${[...columns.keys()].join(', ')}, which forecast ${head}. Name one of them.`,
  )
}

/** The chosen rows of forecasts, in the order of `rows`. */
export function takeForecasts(forecasts: Forecasts, rows: readonly number[]): Forecasts {
  const { columns, targets, sessions, folds, kinds, episodes, moved } = forecasts
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] ?? Number.NaN)
  const codes = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row] ?? -1)
  return {
    ...forecasts,
    columns: new Map([...columns].map(([id, values]) => [id, numbers(values)])),
    targets: numbers(targets),
    sessions: codes(sessions),
    folds: codes(folds),
    kinds: rows.map((row) => kinds[row] ?? ''),
    ...(episodes === undefined ? {} : { episodes: codes(episodes) }),
    ...(moved === undefined ? {} : { moved: numbers(moved) }),
  }
}

/** The forecasts of each fold, by rising fold. */
export const byFold = (forecasts: Forecasts): (readonly [fold: number, forecasts: Forecasts])[] =>
  grouped(forecasts, forecasts.folds).toSorted(([a], [b]) => a - b)

/** The forecasts for each kind of level, most rows first, kinds of as many rows by name. */
export const byKind = (forecasts: Forecasts): (readonly [kind: string, forecasts: Forecasts])[] =>
  grouped(forecasts, forecasts.kinds).toSorted(
    ([a, one], [b, other]) => other.targets.length - one.targets.length || (a < b ? -1 : 1),
  )

function grouped<T>(forecasts: Forecasts, keys: Iterable<T>): (readonly [T, Forecasts])[] {
  const rowsOf = new Map<T, number[]>()
  let row = 0
  for (const key of keys) {
    const rows = rowsOf.get(key)
    if (rows === undefined) rowsOf.set(key, [row])
    else rows.push(row)
    row++
  }
  return [...rowsOf].map(([key, rows]) => [key, takeForecasts(forecasts, rows)] as const)
}
