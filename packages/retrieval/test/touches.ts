import { REACH_NAMES } from '@breakwater/retrieval'
import type { CodedWords, Matrix, Outcomes, ReachName, RowMetadata } from '@breakwater/retrieval'

/** Everything that an index is fitted on. */
export interface Touches {
  readonly matrix: Matrix
  readonly outcomes: Outcomes
  readonly metadata: RowMetadata
}

/** What {@link makeTouches} makes. */
export interface TouchOptions {
  readonly rows: number
  readonly columns?: number
  readonly seed?: number
  /** Share of missing values. */
  readonly missing?: number
  /** Touches an episode. */
  readonly episodeSize?: number
  /** Touches a session. */
  readonly sessionSize?: number
  /** Values are rounded to this, so that distances tie. */
  readonly grid?: number
  /** Values are spread by a heavy tail where true. */
  readonly wild?: boolean
}

export const MINUTE_NS = 60_000_000_000n
const KINDS = ['ROUND', 'VWAP', 'PM_HIGH']
const DIRECTIONS = ['UP', 'DOWN']
const BUCKETS = ['SHORT_GAMMA', 'LONG_GAMMA']

/** Seeded touches, one per minute, with outcomes resolved between 1 and 20 minutes later: not in order of touch. */
export function makeTouches(options: TouchOptions): Touches {
  const {
    rows,
    columns = 6,
    seed = 1,
    missing = 0,
    episodeSize = 3,
    sessionSize = 40,
    grid = 0,
    wild = false,
  } = options
  const uniform = uniformSource(seed)
  const normal = normalSource(uniform)
  const value = (): number => {
    if (uniform() < missing) return Number.NaN
    const x = wild ? normal() / Math.max(0.02, uniform()) : normal()
    return grid > 0 ? Math.round(x / grid) * grid : x
  }
  const numbers = (next: () => number): Float32Array => Float32Array.from({ length: rows }, next)
  const group = (size: number, name: string): CodedWords => ({
    codes: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / size)),
    dictionary: Array.from({ length: Math.ceil(rows / size) }, (_, i) => `${name}${i}`),
  })
  const tsNs = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * MINUTE_NS)
  const times = Object.fromEntries(REACH_NAMES.map((name) => [name, numbers(() => reachTime(uniform))]))
  return {
    matrix: {
      columns: Array.from({ length: columns }, (_, c) => `x${c}`),
      rows,
      values: Float32Array.from({ length: rows * columns }, value),
    },
    outcomes: {
      outcome: Int8Array.from({ length: rows }, () => Math.floor(uniform() * 4) - 1),
      tradeable2: numbers(() => (uniform() < 0.1 ? Number.NaN : Math.round(uniform()))),
      strengthSigned: numbers(() => (uniform() < 0.1 ? Number.NaN : normal())),
      strengthAbs: numbers(() => (uniform() < 0.1 ? Number.NaN : Math.abs(normal()))),
      times: times as Record<ReachName, Float32Array>,
      observed: numbers(() => Math.floor(uniform() * 9) * 60),
    },
    metadata: {
      eventIds: Array.from({ length: rows }, (_, row) => `event-${row}`),
      tsNs,
      resolvedNs: tsNs.map((at) => at + BigInt(1 + Math.floor(uniform() * 20)) * MINUTE_NS),
      levelKindName: coded(rows, KINDS, uniform),
      direction: coded(rows, DIRECTIONS, uniform),
      gammaBucket: coded(rows, BUCKETS, uniform),
      episode: group(episodeSize, 'episode'),
      session: group(sessionSize, 'session'),
    },
  }
}

/** Not reached, reached before the anchor, or in one of eight minutes. */
function reachTime(uniform: () => number): number {
  const draw = uniform()
  if (draw < 0.4) return Number.NaN
  return draw < 0.5 ? -60 : Math.floor(uniform() * 8) * 60
}

/** Words drawn evenly; one in ten is missing. */
function coded(rows: number, dictionary: readonly string[], uniform: () => number): CodedWords {
  const draw = (): number => (uniform() < 0.1 ? -1 : Math.floor(uniform() * dictionary.length))
  return { codes: Int32Array.from({ length: rows }, draw), dictionary }
}

/** Row `row` of a matrix. */
export function rowOf({ columns, rows, values }: Matrix, row: number): Float32Array {
  return Float32Array.from(columns, (_, c) => values[c * rows + row] ?? Number.NaN)
}

/** The word of a row, or null. */
export function wordOf({ codes, dictionary }: CodedWords, row: number): string | null {
  return dictionary[codes[row] ?? -1] ?? null
}

/** A seeded source of uniform numbers in [0, 1) (Mulberry32). */
function uniformSource(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Normal numbers from a uniform source (Box and Muller). */
function normalSource(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
