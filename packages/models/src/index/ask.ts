import type { Anchor, Matrix, Table } from '@breakwater/features'
import { stringColumn, stringsOf } from '@breakwater/features'
import type { CodedWords, QueryOptions, Summary } from '@breakwater/retrieval'
import { askedAt } from './touches.ts'

/** Whatever answers queries: the pool of threads of `@breakwater/retrieval/node`. */
export interface QuerySource {
  readonly query: (rows: Float32Array, options: readonly QueryOptions[]) => Promise<Summary[]>
}

/** A query of neighbours for rows of a table. */
export interface Question {
  readonly table: Table
  readonly matrix: Matrix
  readonly rows: Int32Array
  readonly anchor: Anchor
  readonly k: number
  /** Horizons of the reach probabilities in seconds; none by default. */
  readonly horizons?: readonly number[]
}

/** Rows asked at a time, so that progress shows and an interrupt is seen. */
const CHUNK = 1024

/** Asks an index about rows: each at its anchor, under its own filters, without itself. Calls `onRows` with how many are done. */
export async function ask(
  source: QuerySource,
  question: Question,
  signal: AbortSignal | undefined,
  onRows: (done: number) => void,
): Promise<Summary[]> {
  const { matrix, rows } = question
  const optionsOf = queryOptions(question)
  const summaries: Summary[] = []
  for (let at = 0; at < rows.length; at += CHUNK) {
    signal?.throwIfAborted()
    const part = rows.subarray(at, at + CHUNK)
    summaries.push(...(await source.query(rowMajor(matrix, part), Array.from(part, optionsOf))))
    onRows(summaries.length)
  }
  return summaries
}

/** How each row of a table is asked about: as of its anchor, under its own filters, without itself. */
export function queryOptions({
  table,
  anchor,
  k,
  horizons = [],
}: Pick<Question, 'table' | 'anchor' | 'k' | 'horizons'>): (row: number) => QueryOptions {
  const at = askedAt(table, anchor)
  const ids = stringsOf(table, 'event_id')
  const [levelKindName, direction, gammaBucket] = (['level_kind_name', 'direction', 'gamma_bucket'] as const).map(
    (name) => words(stringColumn(table, name)),
  ) as [Word, Word, Word]
  return (row) => ({
    asOf: at[row] as bigint,
    k,
    eventId: ids[row] as string,
    horizons,
    filters: { levelKindName: levelKindName(row), direction: direction(row), gammaBucket: gammaBucket(row) },
  })
}

type Word = (row: number) => string | null

const words =
  ({ codes, dictionary }: CodedWords): Word =>
  (row) =>
    dictionary[codes[row] as number] ?? null

/** Rows of a matrix, one after another. */
export function rowMajor({ columns, rows: total, values }: Matrix, rows: Int32Array): Float32Array {
  const width = columns.length
  const out = new Float32Array(rows.length * width)
  for (let c = 0; c < width; c++) {
    for (let i = 0; i < rows.length; i++) out[i * width + c] = values[c * total + (rows[i] as number)] as number
  }
  return out
}
