import type { RowValues } from '@breakwater/features'
import type { Stage } from '@breakwater/features/vocabulary'
import type { FeatureCount, NeighbourAnswer, TouchRow } from './parts.ts'
import type { Scores } from './serve.ts'
import type { SnapshotLevel } from './snapshot.ts'
import type { LevelMemory } from './state.ts'
import type { RowBasis, TargetError } from './target.ts'

/** What went wrong at a level. */
export interface LevelFailure {
  readonly code: TargetError
  readonly message: string
}

/** A row that was supposed for a level, and what it was made from. */
export interface SupposedRow {
  readonly row: TouchRow | null
  readonly failure: LevelFailure | null
  readonly version: number
  readonly price: number
  readonly side: -1 | 0 | 1
}

/** The row of the touch that an episode began with. Written while the episode runs. */
export interface EpisodeRow {
  readonly touchNs: bigint
  /** null until the bar of the touch's minute is there. */
  row: TouchRow | null
  /** Version of the row source that was last asked. */
  asked: number
  /** What is known at the confirmation, once it is there; never changed from then on. */
  final: RowValues | null
  /** Dollars that price was beyond the level in the direction of approach when `final` was read. */
  moved: number
  failure: LevelFailure | null
}

/** An answer of the neighbours, and why there is none. */
export interface LookUp {
  readonly answer: NeighbourAnswer | null
  readonly failure: LevelFailure | null
}

/** Scores and what they were made from: the same row at the same revision has the same scores. */
export interface ScoredRow {
  /** null where a path is scored without one. */
  readonly row: TouchRow | null
  readonly revision: number
  readonly stage: Stage
  readonly basis: RowBasis | null
  readonly generation: number
  readonly scores: Scores | null
  /** Side that price comes from in these scores. */
  readonly sign: 1 | -1
  /** The moment that they are about. */
  readonly asOfNs: bigint
  readonly features: FeatureCount | null
  /** What the neighbours answered; kept while the row stays. */
  readonly found: LookUp
  readonly failure: LevelFailure | null
}

/** Numbers of one level's moments, written again at every tick. */
export interface PathNumbers {
  readonly touched: Float64Array
  readonly approach: Float64Array
}

/** A level followed between ticks. Written at every tick. */
export interface LevelEntry {
  level: SnapshotLevel
  memory: LevelMemory
  /** Time of the last tick that had it, and that tick's number. */
  seenNs: bigint
  seenTick: number
  distance: number
  relevance: number
  pinned: boolean
  /** Where the level stood at the first touch of its episode: what the episode is about. */
  touchPrice: number
  /** Furthest prices of ticks since that touch. */
  highest: number
  lowest: number
  /** Numbers of its path, once a forecaster has been asked. */
  numbers: PathNumbers | null
  supposed: SupposedRow | null
  episode: EpisodeRow | null
  scored: ScoredRow | null
  /** Why this tick has no row to score; null where it has. */
  failure: LevelFailure | null
}

/** Levels by kind and, for kinds of which there are many, price to the cent. */
export interface LevelBook {
  find(level: SnapshotLevel): LevelEntry | undefined
  /**
   * Remembers a level that is seen at tick `tick`. A full book forgets the quarter that was seen longest ago; false, and
   * nothing is remembered, where all were seen at this tick.
   */
  put(level: SnapshotLevel, entry: LevelEntry, tick: number): boolean
  /** Forgets the levels last seen before `ns`. */
  forgetBefore(ns: bigint): void
  /** Forgets all. */
  clear(): void
  readonly size: number
  /** Levels forgotten because the book was full, since it was made. */
  readonly evicted: number
}

/** A book without levels, for at most `maxLevels`. `singleKinds` are known by their kind alone. */
export function levelBook(singleKinds: readonly string[], maxLevels: number): LevelBook {
  const single = new Set(singleKinds)
  const byKind = new Map<string, Map<number, LevelEntry>>()
  const centsOf = ({ kind, price }: SnapshotLevel): number => (single.has(kind) ? 0 : Math.round(price * 100))
  let [size, evicted] = [0, 0]
  const forget = (isOver: (entry: LevelEntry) => boolean): void => {
    for (const [kind, byCents] of byKind) {
      for (const [cents, entry] of byCents) if (isOver(entry) && byCents.delete(cents)) size -= 1
      if (byCents.size === 0) byKind.delete(kind)
    }
  }
  const evict = (tick: number): void => {
    const seen = [...byKind.values()].flatMap((byCents) => Array.from(byCents.values(), ({ seenTick }) => seenTick))
    const before = size
    const last = seen.toSorted((a, b) => a - b)[Math.floor(size / 4)] ?? tick
    forget(({ seenTick }) => seenTick <= last && seenTick < tick)
    evicted += before - size
  }
  return {
    get size() {
      return size
    },
    get evicted() {
      return evicted
    },
    find: (level) => byKind.get(level.kind)?.get(centsOf(level)),
    put(level, entry, tick) {
      if (size >= maxLevels) evict(tick)
      if (size >= maxLevels) return false
      const byCents = byKind.get(level.kind) ?? new Map<number, LevelEntry>()
      byKind.set(level.kind, byCents)
      if (!byCents.has(centsOf(level))) size += 1
      byCents.set(centsOf(level), entry)
      return true
    },
    clear() {
      byKind.clear()
      size = 0
    },
    forgetBefore: (ns) => forget(({ seenNs }) => seenNs < ns),
  }
}
