import type { RowValues } from '@breakwater/features'
import type { Stage } from '@breakwater/features/vocabulary'
import type { TouchRow } from './parts.ts'
import type { Scores } from './scores.ts'
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

/** Scores and what they were made from: the same row at the same revision has the same scores. */
export interface ScoredRow {
  readonly row: TouchRow
  readonly revision: number
  readonly stage: Stage
  readonly basis: RowBasis
  readonly generation: number
  readonly scores: Scores | null
  readonly failure: LevelFailure | null
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
  /** Where the level stood at the first touch of its episode. */
  touchPrice: number
  supposed: SupposedRow | null
  episode: EpisodeRow | null
  scored: ScoredRow | null
  /** Why this tick has no row to score; null where it has. */
  failure: LevelFailure | null
}

/** Levels by kind and, for kinds of which there are many, price to the cent. */
export interface LevelBook {
  find(level: SnapshotLevel): LevelEntry | undefined
  put(level: SnapshotLevel, entry: LevelEntry): void
  /** Forgets the levels last seen before `ns`. */
  forgetBefore(ns: bigint): void
  readonly size: number
}

/** A book without levels. `singleKinds` are known by their kind alone. */
export function levelBook(singleKinds: readonly string[]): LevelBook {
  const single = new Set(singleKinds)
  const byKind = new Map<string, Map<number, LevelEntry>>()
  const centsOf = ({ kind, price }: SnapshotLevel): number => (single.has(kind) ? 0 : Math.round(price * 100))
  let size = 0
  return {
    get size() {
      return size
    },
    find: (level) => byKind.get(level.kind)?.get(centsOf(level)),
    put(level, entry) {
      const byCents = byKind.get(level.kind) ?? new Map<number, LevelEntry>()
      byKind.set(level.kind, byCents)
      if (!byCents.has(centsOf(level))) size += 1
      byCents.set(centsOf(level), entry)
    },
    forgetBefore(ns) {
      for (const [kind, byCents] of byKind) {
        for (const [cents, { seenNs }] of byCents) if (seenNs < ns && byCents.delete(cents)) size -= 1
        if (byCents.size === 0) byKind.delete(kind)
      }
    },
  }
}
