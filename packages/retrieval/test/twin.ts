import type { FilterName, QueryOptions } from '@breakwater/retrieval'
import type { Touches } from './touches.ts'
import { rowOf, wordOf } from './touches.ts'

/** What the twin found: rows of the matrix, nearest first. */
export interface TwinAnswer {
  readonly rows: readonly number[]
  readonly distances: readonly number[]
  readonly rung: number
}

const LADDER: readonly FilterName[] = ['gammaBucket', 'levelKindName', 'direction']

/** Vectors as the contract says: median for missing, then standard score, rounded to 32 bits; columns that say nothing gone. */
function twinVectors(
  { matrix }: Pick<Touches, 'matrix'>,
  query: ArrayLike<number>,
): {
  vectors: number[][]
  vector: number[]
} {
  const all = Array.from({ length: matrix.rows }, (_, row) => [...rowOf(matrix, row)])
  const vectors: number[][] = all.map(() => [])
  const vector: number[] = []
  for (const c of matrix.columns.keys()) {
    const column = all.map((row) => row[c] ?? Number.NaN)
    const present = column.filter((x) => !Number.isNaN(x)).toSorted((a, b) => a - b)
    if (new Set(present).size < 2) continue
    const middle = (present.length - 1) / 2
    const median = ((present[Math.floor(middle)] ?? 0) + (present[Math.ceil(middle)] ?? 0)) / 2
    const filled = column.map((x) => (Number.isNaN(x) ? median : x))
    const mean = filled.reduce((a, b) => a + b, 0) / filled.length
    const scale = Math.sqrt(filled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / filled.length)
    const score = (x: number): number => Math.fround(((Number.isNaN(x) ? median : x) - mean) / scale)
    for (const [row, x] of filled.entries()) vectors[row]?.push(score(x))
    vector.push(score(Math.fround(query[c] ?? Number.NaN)))
  }
  return { vectors, vector }
}

/** Every row compared, everything sorted, then taken one by one. */
export function twinQuery(
  touches: Touches,
  query: ArrayLike<number>,
  options: QueryOptions & { readonly k: number; readonly episodeCap: number },
): TwinAnswer {
  const { metadata, matrix } = touches
  const { vectors, vector } = twinVectors(touches, query)
  const { k, episodeCap, filters = {}, asOf, eventId, excludeSession } = options
  const asked = LADDER.filter((name) => (filters[name] ?? null) !== null)
  for (let rung = 0; rung <= asked.length; rung++) {
    const kept = asked.slice(rung)
    const candidates = Array.from({ length: matrix.rows }, (_, row) => row)
      .filter((row) => (metadata.resolvedNs[row] ?? 0n) <= asOf)
      .filter((row) => kept.every((name) => wordOf(metadata[name], row) === filters[name]))
      .filter((row) => metadata.eventIds[row] !== eventId)
      .filter((row) => excludeSession === undefined || wordOf(metadata.session, row) !== excludeSession)
      .map((row) => ({ row, squared: squaredOf(vectors[row] ?? [], vector) }))
      .toSorted((a, b) => a.squared - b.squared || a.row - b.row)
    const taken = new Map<string, number>()
    const nearest = candidates
      .filter(({ row }) => {
        const episode = wordOf(metadata.episode, row) ?? `alone ${row}`
        const before = taken.get(episode) ?? 0
        taken.set(episode, before + 1)
        return before < episodeCap
      })
      .slice(0, k)
    if (nearest.length === k || rung === asked.length) {
      return { rows: nearest.map(({ row }) => row), distances: nearest.map(({ squared }) => Math.sqrt(squared)), rung }
    }
  }
  throw new Error('the ladder has no last rung')
}

function squaredOf(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + (x - (b[i] ?? 0)) ** 2, 0)
}
