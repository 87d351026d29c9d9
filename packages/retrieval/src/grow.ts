import { scanOf, type SearcherOptions } from './create-searcher.ts'
import { squaredDistance } from './distance.ts'
import { packedIds, type RowIds } from './ids.ts'
import type { Partition, RetrievalIndex, StoredRows } from './index-data.ts'
import { checkInput, type Matrix, type Outcomes, REACH_NAMES, type RowMetadata } from './input.ts'
import { type AddedRow, addedRows } from './added-rows.ts'
import { bound, offer } from './nearest.ts'
import type { Range } from './partitions.ts'
import type { Scan } from './scan-plain.ts'
import { checkCount, type Searcher, searcherOver } from './searcher.ts'

/** Options of {@link createGrowingSearcher}. */
export interface GrowOptions extends SearcherOptions {
  /** Most rows that are added and held, at least 2: beyond, the older half of them is forgotten. Default 2048. */
  readonly most?: number
}

/** A searcher whose index takes rows as their outcomes become known. */
export interface GrowingSearcher extends Searcher {
  /** Rows that were added and are held. */
  readonly added: number
  /** Rows that were added and forgotten since. */
  readonly forgotten: number
  /**
   * Adds every row of the input, in order. Normalised by the index's medians and scales, which stay as they are, as do the distances that
   * percentiles are told by: the index then answers as one with these and the rows of both. Throws as `fitIndex` does, on other columns than
   * the index's, on outcomes that became known before those of rows added earlier, and on an event that the index has; nothing is added then.
   * Cost: of a row as old as the index's own, a look at all of their event ids; of a newer one, none.
   */
  readonly add: (matrix: Matrix, outcomes: Outcomes, metadata: RowMetadata) => void
  /** Forgets all rows that were added. */
  readonly clear: () => void
}

const MOST = 2048
/** Rows of one filter combination that are kept side by side. */
const BLOCK = 8
/** Room for combinations whose last block is not full. */
const COMBINATIONS = 128

/**
 * Makes an index ready to answer and to grow. The index itself is not changed. Memory: about 600 bytes a row that can be added, at once.
 * Deterministic: the same rows in the same order give the same answers.
 */
export function createGrowingSearcher(index: RetrievalIndex, options: GrowOptions = {}): GrowingSearcher {
  const { most = MOST } = options
  checkCount('most', most)
  if (most < 2) throw new RangeError(`retrieval: most=${most}: must be a whole number of at least 2.`)
  const width = index.normaliser.kept.length
  const room = most + BLOCK * COMBINATIONS
  const stored = widened(index.stored, index.rows, index.rows + room)
  const vectors = new Float32Array(room * width)
  const partitions: OpenPartition[] = [...index.partitions]
  const sessions = [...index.sessions]
  const ids = growingIds(index)
  const episodes = new Map<string, number>()
  const firstEpisode = largest(index.stored.episode) + 1
  let nextEpisode = firstEpisode
  let held: AddedRow[] = []
  let [used, forgotten] = [0, 0]
  let sequence = largest(index.stored.row) + 1
  const open = new Map<string, OpenPartition>()
  const wide: RetrievalIndex = {
    ...index,
    get rows() {
      return index.rows + held.length
    },
    stored,
    partitions,
    sessions,
  }
  const { kernel, scan } = scanOf(index, stored, options)
  const searcher = searcherOver(wide, kernel, bothScans(index.rows, scan, addedScan(index.rows, vectors, stored)), ids)

  /** The place of a row of a combination; -1 where no room is left. */
  const placeOf = ({ filters }: AddedRow): number => {
    const key = JSON.stringify([filters.direction, filters.levelKindName, filters.gammaBucket])
    const last = open.get(key)
    if (last !== undefined && (last.end - last.start) % BLOCK !== 0) return last.end++
    if (used + BLOCK > room) return -1
    const start = index.rows + used
    used += BLOCK
    if (last?.end === start) return last.end++
    const begun = { ...filters, start, end: start + 1 }
    partitions.push(begun)
    open.set(key, begun)
    return start
  }
  const put = (row: AddedRow): boolean => {
    const place = placeOf(row)
    if (place === -1) return false
    vectors.set(row.vector, (place - index.rows) * width)
    ids.set(place, row.id)
    stored.row[place] = row.sequence
    stored.tsNs[place] = row.tsNs
    stored.resolvedNs[place] = row.resolvedNs
    stored.episode[place] = row.episode === null ? -1 : codeOf(episodes, row.episode, () => nextEpisode++)
    stored.session[place] = row.session === null ? -1 : sessionCode(sessions, row.session)
    stored.outcome[place] = row.outcome
    stored.tradeable2[place] = row.tradeable2
    stored.strengthSigned[place] = row.strengthSigned
    stored.strengthAbs[place] = row.strengthAbs
    stored.observed[place] = row.observed
    for (const name of REACH_NAMES) stored.times[name][place] = row.times[name]
    return true
  }
  const keep = (kept: readonly AddedRow[]): void => {
    forgotten += held.length - kept.length
    held = []
    used = 0
    partitions.length = index.partitions.length
    sessions.length = index.sessions.length
    open.clear()
    episodes.clear()
    ids.clear()
    nextEpisode = firstEpisode
    for (const row of kept) if (put(row)) held.push(row)
  }
  return {
    index: wide,
    kernel,
    query: searcher.query,
    distances: searcher.distances,
    get added() {
      return held.length
    },
    get forgotten() {
      return forgotten
    },
    add(matrix, outcomes, metadata) {
      checkInput(matrix, outcomes, metadata)
      checkAdded(index, matrix, metadata, held.at(-1)?.resolvedNs)
      const twice = metadata.eventIds.find((id, row) => ids.has(id, metadata.tsNs[row] as bigint))
      if (twice !== undefined) {
        throw new RangeError(
          `retrieval: metadata.eventIds: ${JSON.stringify(twice)} is in the index. Add each event once.`,
        )
      }
      for (const row of addedRows(index.normaliser, matrix, outcomes, metadata)) {
        const one = { ...row, sequence: sequence++ }
        if (held.length >= most || !put(one)) {
          keep(held.slice(Math.ceil(held.length / 2)))
          put(one)
        }
        held.push(one)
      }
    },
    clear: () => keep([]),
  }
}

/** The code of a name, the next one where it has none. */
function codeOf(names: Map<string, number>, name: string, next: () => number): number {
  const code = names.get(name) ?? next()
  names.set(name, code)
  return code
}

type OpenPartition = Omit<Partition, 'end'> & { end: number }

/** Copies with room behind. */
function widened(stored: StoredRows, rows: number, length: number): StoredRows {
  const into = <T extends { set: (values: T) => void; subarray: (from: number, to: number) => T }>(
    wide: T,
    values: T,
  ): T => {
    wide.set(values.subarray(0, rows))
    return wide
  }
  const floats = (values: Float32Array): Float32Array => into(new Float32Array(length), values)
  const ints = (values: Int32Array): Int32Array => into(new Int32Array(length), values)
  const times = (values: BigInt64Array): BigInt64Array => into(new BigInt64Array(length), values)
  return {
    row: ints(stored.row),
    ids: stored.ids,
    tsNs: times(stored.tsNs),
    resolvedNs: times(stored.resolvedNs),
    episode: ints(stored.episode),
    session: ints(stored.session),
    outcome: into(new Int8Array(length), stored.outcome),
    tradeable2: floats(stored.tradeable2),
    strengthSigned: floats(stored.strengthSigned),
    strengthAbs: floats(stored.strengthAbs),
    times: Object.fromEntries(REACH_NAMES.map((name) => [name, floats(stored.times[name])])) as StoredRows['times'],
    observed: floats(stored.observed),
  }
}

const largest = (values: Int32Array): number => values.reduce((most, value) => Math.max(most, value), -1)

function sessionCode(sessions: string[], name: string): number {
  const known = sessions.indexOf(name)
  return known === -1 ? sessions.push(name) - 1 : known
}

/** The ids of an index and of rows behind its own. */
function growingIds({ rows, stored }: RetrievalIndex): RowIds & {
  readonly set: (row: number, id: string) => void
  /** Whether there is an event, of a touch at `tsNs`. */
  readonly has: (id: string, tsNs: bigint) => boolean
  readonly clear: () => void
} {
  const own = packedIds(stored.ids)
  const newest = stored.tsNs.reduce((most, ns) => (ns > most ? ns : most), 0n)
  const added = new Map<number, string>()
  const known = new Set<string>()
  return {
    at: (row) => (row < rows ? own.at(row) : (added.get(row) ?? '')),
    matcher: (id) => {
      const isOwn = own.matcher(id)
      return (row) => (row < rows ? isOwn(row) : added.get(row) === id)
    },
    set: (row, id) => {
      added.set(row, id)
      known.add(id)
    },
    has: (id, tsNs) => {
      if (known.has(id)) return true
      if (tsNs > newest) return false
      const isOwn = own.matcher(id)
      for (let row = 0; row < rows; row++) if (isOwn(row)) return true
      return false
    },
    clear: () => {
      added.clear()
      known.clear()
    },
  }
}

/** Scans the index's own rows by one scan and those behind by another. */
function bothScans(rows: number, own: Scan, added: Scan): Scan {
  return (query, ranges, nearest, accepts) => {
    const split = (from: number, to: number): Range[] =>
      ranges.flatMap(({ start, end }) => {
        const range = { start: Math.max(start, from), end: Math.min(end, to) }
        return range.start < range.end ? [range] : []
      })
    own(query, split(0, rows), nearest, accepts)
    added(query, split(rows, Infinity), nearest, accepts)
  }
}

/** A plain scan of added rows. */
function addedScan(rows: number, vectors: Float32Array, { row: order, episode }: StoredRows): Scan {
  return (query, ranges, nearest, accepts) => {
    const width = query.length
    for (const { start, end } of ranges) {
      for (let row = start; row < end; row++) {
        const farthest = bound(nearest)
        const squared = squaredDistance(query, vectors, (row - rows) * width, farthest)
        if (squared <= farthest && accepts(row)) offer(nearest, row, squared, order, episode)
      }
    }
  }
}

function checkAdded(
  { normaliser }: RetrievalIndex,
  { columns }: Matrix,
  { resolvedNs }: RowMetadata,
  last: bigint | undefined,
): void {
  const wrong = normaliser.features.findIndex((name, c) => columns[c] !== name)
  if (wrong !== -1 || columns.length !== normaliser.features.length) {
    throw new RangeError(
      `retrieval: matrix.columns: has ${columns.length} columns${wrong === -1 ? '' : `, ${String(columns[wrong])} at place ${wrong}`}: must be the ${normaliser.features.length} of the index, in its order. Use its encoder.`,
    )
  }
  const known = [...(last === undefined ? [] : [last]), ...resolvedNs]
  const early = known.findIndex((ns, i) => i > 0 && ns < (known[i - 1] as bigint))
  if (early === -1) return
  throw new RangeError(
    `retrieval: metadata.resolvedNs=${known[early]}: lies before ${known[early - 1]}, which was added earlier. Add rows in the order in which their outcomes became known.`,
  )
}
