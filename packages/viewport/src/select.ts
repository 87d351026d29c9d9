import type { LevelEntry } from './level-book.ts'

/** How many targets a tick may have. */
export interface SelectionLimits {
  readonly mostTargets: number
  readonly mostPinned: number
}

/**
 * Chooses the targets of a tick out of candidates that come one by one. Made once and used again, so that a tick
 * allocates nothing.
 */
export interface Selection {
  begin(): void
  offer(entry: LevelEntry): void
  /** Pinned levels that were too many. */
  pinsLeftOut(): number
  /** The nearest `mostPinned` of the pinned levels, then the most relevant `mostTargets` of the others. */
  readonly pinned: readonly LevelEntry[]
  readonly automatic: readonly LevelEntry[]
}

/** An empty selection. Equally near or relevant levels go by distance, then id: the order of the snapshot does not matter. */
export function selection({ mostTargets, mostPinned }: SelectionLimits): Selection {
  const pinned: LevelEntry[] = []
  const automatic: LevelEntry[] = []
  let pinsOffered = 0
  return {
    pinned,
    automatic,
    begin() {
      pinned.length = 0
      automatic.length = 0
      pinsOffered = 0
    },
    offer(entry) {
      if (entry.pinned) {
        pinsOffered += 1
        keepBest(pinned, entry, mostPinned, isNearer)
      } else keepBest(automatic, entry, mostTargets, isMoreRelevant)
    },
    pinsLeftOut: () => pinsOffered - pinned.length,
  }
}

/** Puts `entry` at its place among the best so far, of which there are at most `most`. Writes `best`. */
function keepBest(
  best: LevelEntry[],
  entry: LevelEntry,
  most: number,
  isBetter: (a: LevelEntry, b: LevelEntry) => boolean,
): void {
  let at = best.length
  while (at > 0 && isBetter(entry, best[at - 1] as LevelEntry)) at -= 1
  if (at >= most) return
  if (best.length < most) best.push(entry)
  for (let i = best.length - 1; i > at; i--) best[i] = best[i - 1] as LevelEntry
  best[at] = entry
}

function isNearer(a: LevelEntry, b: LevelEntry): boolean {
  return a.distance < b.distance || (a.distance === b.distance && a.level.id < b.level.id)
}

function isMoreRelevant(a: LevelEntry, b: LevelEntry): boolean {
  return a.relevance > b.relevance || (a.relevance === b.relevance && isNearer(a, b))
}
