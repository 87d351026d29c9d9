import { numberColumn, stringColumn, type Table } from '@breakwater/features'

/** A column as numbers: a number as it is, words by indicator of one of them; NaN where missing. */
export interface Sample {
  readonly name: string
  readonly values: Float64Array
}

/** The numbers of a column, or one indicator for each of its words; none for another type or a column that is absent. */
export function samplesOf(table: Table, name: string): Sample[] {
  const column = table.columns[name]
  if (column?.type === 'number') return [{ name, values: Float64Array.from(numberColumn(table, name).values) }]
  if (column?.type !== 'string') return []
  const { codes, dictionary } = stringColumn(table, name)
  return dictionary.map((word, code) => ({
    name: `${name}=${word}`,
    values: Float64Array.from(codes, (own) => (own < 0 ? Number.NaN : Number(own === code))),
  }))
}

/** How two columns order rows, with the rows that have both. */
export interface Agreement {
  /** In [-1, 1]. */
  readonly value: number
  readonly rows: number
}

/** Fewest rows, and fewest of each class, that say something. */
const FEWEST_ROWS = 50
const FEWEST_OF_CLASS = 20

/**
 * How far two columns order rows alike, in [-1, 1]: Spearman's correlation, or where one of them has two values 2 AUC - 1 of the
 * other, so that a perfect order is 1 however rare a class is. Null on fewer than 50 rows or 20 of a class, and where a column is
 * constant. `rows` limits the rows to look at. O(rows log rows).
 */
export function agreement(a: Float64Array, b: Float64Array, rows: readonly number[]): Agreement | null {
  const known = rows.filter((row) => Number.isFinite(a[row]) && Number.isFinite(b[row]))
  if (known.length < FEWEST_ROWS) return null
  const of = (values: Float64Array): Float64Array => Float64Array.from(known, (row) => values[row] as number)
  const [x, y] = [of(a), of(b)]
  const [twoX, twoY] = [greaterOfTwo(x), greaterOfTwo(y)]
  const value =
    twoY !== null ? orderOf(x, y, twoY) : twoX === null ? pearson(midranks(x), midranks(y)) : orderOf(y, x, twoX)
  return value === null ? null : { value, rows: known.length }
}

/** The greater value of a column that has two; null of any other. */
function greaterOfTwo(values: Float64Array): number | null {
  const distinct = [...new Set(values.subarray(0, FEWEST_ROWS))]
  if (distinct.length > 2) return null
  const all = [...new Set(values)]
  return all.length === 2 ? Math.max(...all) : null
}

/** 2 AUC - 1 of `scores` for the rows where `classes` has the value `positive`, by the Mann-Whitney statistic. */
function orderOf(scores: Float64Array, classes: Float64Array, positive: number): number | null {
  const ranks = midranks(scores)
  let [sum, positives] = [0, 0]
  for (const [row, own] of classes.entries()) {
    if (own !== positive) continue
    sum += ranks[row] as number
    positives++
  }
  const negatives = scores.length - positives
  if (Math.min(positives, negatives) < FEWEST_OF_CLASS) return null
  return (2 * (sum - (positives * (positives - 1)) / 2)) / (positives * negatives) - 1
}

/** Ranks of values from 0, equal ones sharing their mean. */
function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).toSorted(
    (a, b) => (values[a] as number) - (values[b] as number),
  )
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + to - 1) / 2
    from = to
  }
  return ranks
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function pearson(x: Float64Array, y: Float64Array): number | null {
  const [mx, my] = [mean(x), mean(y)]
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] as number) - mx, (y[i] as number) - my]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null
}

/** At most `count` of `rows`, evenly spaced. */
export function evenly(rows: readonly number[], count: number): number[] {
  if (rows.length <= count) return [...rows]
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] as number)
}
