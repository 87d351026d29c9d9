import { packedIds, type RowIds } from './ids.ts'
import type { FilterName, RetrievalIndex } from './index-data.ts'
import { FILTER_NAMES } from './index-data.ts'
import { OUTCOME_NAMES } from './input.ts'
import { rungsOf } from './ladder.ts'
import type { Rung } from './ladder.ts'
import { beginNearest } from './nearest.ts'
import type { Nearest } from './nearest.ts'
import { normaliseRow } from './normalise.ts'
import type { Filters } from './partitions.ts'
import { rangesOf } from './partitions.ts'
import { percentileOf } from './reference.ts'
import type { Scan } from './scan-plain.ts'
import { summarise } from './summary.ts'
import type { NearestRows, Neighbour, Summary } from './summary.ts'

/** One look-up. */
export interface QueryOptions {
  /**
   * Nanoseconds since 1970 UTC. Only events whose outcome was known by then (closed) are considered. Required: forgetting it
   * would let outcomes of the future in.
   */
  readonly asOf: bigint
  /** Neighbours, at least 1; default the index's. More than there are rows gives all rows. */
  readonly k?: number
  /** Values that neighbours must share with the query, given up one by one when fewer than k neighbours have them. */
  readonly filters?: Filters
  /** Event that asks: it is never its own neighbour. */
  readonly eventId?: string
  /** Session whose rows are left out. */
  readonly excludeSession?: string
  /** Most neighbours from one episode, at least 1; default the index's. Infinity lifts the limit. */
  readonly episodeCap?: number
  /** Horizons in seconds for `reach` and `firstHit`; none by default. */
  readonly horizons?: readonly number[]
  /** Whether to list the neighbours. Default false. */
  readonly neighbours?: boolean
}

/** Looks up rows in one index. Holds scratch memory: use it from one place at a time. */
export interface Searcher {
  readonly index: RetrievalIndex
  /** 'wasm' where the kernel runs, else 'plain'. The answers are the same. */
  readonly kernel: 'wasm' | 'plain'
  /**
   * The exact nearest neighbours of one row (a value for each feature of the index, in order; NaN for missing) and what
   * became of them. Never fails because of what the index holds: too few matching rows go down the ladder, and a row
   * without any value has no neighbours. Throws on a row of another length, an infinite value or a bad option.
   */
  readonly query: (row: ArrayLike<number>, options: QueryOptions) => Summary
  /** The distances alone, nearest first. Throws as `query` does. */
  readonly distances: (row: ArrayLike<number>, options: QueryOptions) => Float64Array
}

/** 1e-6 keeps the weight of an identical row finite; the contract's constant. */
const WEIGHT_FLOOR = 1e-6

interface Settings {
  readonly asOf: bigint
  readonly k: number
  readonly cap: number
  readonly rungs: readonly Rung[]
  readonly horizons: readonly number[]
  readonly neighbours: boolean
  readonly accepts: (row: number) => boolean
}

/** A searcher over a way to scan; `ids` are those of the stored rows, by default the index's own. */
export function searcherOver(
  index: RetrievalIndex,
  kernel: Searcher['kernel'],
  scan: Scan,
  ids: RowIds = packedIds(index.stored.ids),
): Searcher {
  const { normaliser } = index
  const vector = new Float32Array(normaliser.kept.length)
  const look = (row: ArrayLike<number>, settings: Settings): LookUp => {
    checkRow(row, normaliser.features)
    const missing = normaliseRow(normaliser, row, 0, 1, vector, 0)
    const { nearest, rung } = search(index, scan, vector, settings, missing === normaliser.kept.length)
    return { found: foundOf(nearest), rung, missing }
  }
  return {
    index,
    kernel,
    query: (row, options) => {
      const settings = checkedOptions(index, ids, options)
      return summaryOf(index, ids, settings, look(row, settings))
    },
    distances: (row, options) => look(row, checkedOptions(index, ids, options)).found.distances,
  }
}

interface LookUp {
  readonly found: NearestRows
  readonly rung: Rung
  readonly missing: number
}

function summaryOf(index: RetrievalIndex, ids: RowIds, settings: Settings, { found, rung, missing }: LookUp): Summary {
  return {
    k: settings.k,
    found: found.rows.length,
    rung: rung.dropped.length,
    dropped: rung.dropped,
    missing,
    ...summarise(index, found, settings.horizons),
    distancePercentile: percentileOf(index.reference, found.distances),
    ...(settings.neighbours ? { neighbours: neighboursOf(index, ids, found) } : {}),
  }
}

/** Goes down the ladder until a rung has k neighbours; the last one answers with what it has. */
function search(
  index: RetrievalIndex,
  scan: Scan,
  vector: Float32Array,
  settings: Settings,
  blind: boolean,
): { nearest: Nearest; rung: Rung } {
  const { k, cap, rungs, asOf } = settings
  const [first, ...lower] = rungs as readonly [Rung, ...Rung[]]
  const capacity = Math.min(k, index.rows)
  if (blind) return { nearest: beginNearest(capacity, cap), rung: first }
  for (const rung of rungs) {
    const ranges = rangesOf(index.partitions, index.stored.resolvedNs, rung.filters, asOf)
    const isLast = rung === (lower.at(-1) ?? first)
    const rows = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
    if (rows < k && !isLast) continue
    const nearest = beginNearest(capacity, cap)
    scan(vector, ranges, nearest, settings.accepts)
    if (nearest.count === k || isLast) return { nearest, rung }
  }
  throw new Error('retrieval: the ladder has no last rung')
}

function foundOf({ rows, squared, count }: Nearest): NearestRows {
  const distances = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const distance = Math.sqrt(squared[i] as number)
    distances[i] = distance
    weights[i] = 1 / (distance + WEIGHT_FLOOR)
  }
  return { rows: rows.subarray(0, count), distances, weights }
}

function neighboursOf(index: RetrievalIndex, ids: RowIds, { rows, distances, weights }: NearestRows): Neighbour[] {
  const { stored, partitions, sessions } = index
  return Array.from(rows, (row, i) => {
    const partition = partitions.find(({ start, end }) => row >= start && row < end)
    const filters = Object.fromEntries(FILTER_NAMES.map((name) => [name, partition?.[name] ?? null]))
    const strength = stored.strengthSigned[row] as number
    return {
      eventId: ids.at(row),
      tsNs: stored.tsNs[row] as bigint,
      resolvedNs: stored.resolvedNs[row] as bigint,
      session: sessions[stored.session[row] as number] ?? null,
      filters: filters as Record<FilterName, string | null>,
      distance: distances[i] as number,
      weight: weights[i] as number,
      outcome: OUTCOME_NAMES[stored.outcome[row] as number] ?? null,
      strengthSigned: Number.isNaN(strength) ? null : strength,
    }
  })
}

function checkRow(row: ArrayLike<number>, features: readonly string[]): void {
  if (row.length !== features.length) {
    throw new RangeError(
      `retrieval: row.length=${row.length}: must be ${features.length}, one value a feature of the index in its order.`,
    )
  }
  for (let i = 0; i < row.length; i++) {
    const value = row[i]
    if (typeof value !== 'number' || value === Infinity || value === -Infinity) {
      throw new RangeError(
        `retrieval: row: ${features[i]} is ${String(value)}: must be a finite number, or NaN for missing.`,
      )
    }
  }
}

function checkedOptions(index: RetrievalIndex, ids: RowIds, options: QueryOptions): Settings {
  const { asOf, k = index.k, episodeCap = index.episodeCap, horizons = [], neighbours = false } = options
  if (typeof asOf !== 'bigint') {
    throw new TypeError(
      `retrieval: asOf=${String(asOf)}: must be a bigint of nanoseconds since 1970 UTC: the time of the query.`,
    )
  }
  checkCount('k', k)
  if (episodeCap !== Infinity) checkCount('episodeCap', episodeCap)
  const horizon = horizons.find((seconds) => !(seconds > 0 && Number.isFinite(seconds)))
  if (horizon !== undefined) throw new RangeError(`retrieval: horizons=${horizon}: must be seconds above 0.`)
  return {
    asOf,
    k,
    cap: episodeCap,
    rungs: rungsOf(options.filters ?? {}),
    horizons,
    neighbours,
    accepts: acceptance(index, ids, options),
  }
}

/** Throws a RangeError unless `value` is a whole number of at least 1. */
export function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new RangeError(`retrieval: ${name}=${value}: must be a whole number of at least 1.`)
}

function acceptance(
  { stored, sessions }: RetrievalIndex,
  ids: RowIds,
  { eventId, excludeSession }: QueryOptions,
): (row: number) => boolean {
  const isOwn = eventId === undefined ? null : ids.matcher(eventId)
  const session = excludeSession === undefined ? -1 : sessions.indexOf(excludeSession)
  return (row) => (session === -1 || stored.session[row] !== session) && (isOwn === null || !isOwn(row))
}
