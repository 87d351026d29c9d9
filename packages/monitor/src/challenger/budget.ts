/** What a second scorer has done. */
export interface ChallengerCounts {
  scored: number
  /** Ticks that it did not score because it had used up its time. */
  dropped: number
}

/** A second scorer that has a share of the time and no more. */
export interface Challenger<T> {
  readonly counts: Readonly<ChallengerCounts>
  /** Scores a tick, or drops it; null where it was dropped. Bars of dropped ticks come with the next one. */
  score(snapshot: T): unknown
}

/** How a challenger is limited. */
export interface ChallengerOptions<T> {
  /** Scores one snapshot. */
  readonly score: (snapshot: T) => unknown
  /** Milliseconds that it may use for each tick, on average. */
  readonly budgetMs: number
  /** Milliseconds that never go back. */
  readonly stopwatch: () => number
}

/** Ticks whose unused time may be saved up. */
const SAVED_TICKS = 20

/** A challenger that has saved nothing. What it is late with is dropped and counted rather than done late. */
export function createChallenger<T extends object>({
  score,
  budgetMs,
  stopwatch,
}: ChallengerOptions<T>): Challenger<T> {
  const counts: ChallengerCounts = { scored: 0, dropped: 0 }
  let balance = budgetMs
  let bars: unknown[] = []
  return {
    counts,
    score(snapshot) {
      balance = Math.min(balance + budgetMs, SAVED_TICKS * budgetMs)
      const given: unknown = Reflect.get(snapshot, 'bars')
      if (Array.isArray(given)) bars.push(...(given as unknown[]))
      if (balance <= 0) {
        counts.dropped += 1
        return null
      }
      const start = stopwatch()
      const result = score(bars.length === 0 ? snapshot : { ...snapshot, bars })
      bars = []
      balance -= stopwatch() - start
      counts.scored += 1
      return result
    },
  }
}
