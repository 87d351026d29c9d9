import { setImmediate } from 'node:timers/promises'

/** What a person can ask of a replay that runs. */
export type PaceChange = 'pause' | 'faster' | 'slower' | 'ahead' | 'next session'

/** How fast a replay goes, and what it waits for. */
export interface Pace {
  /** Times real time; 0 goes as fast as it can. */
  readonly speed: number
  readonly paused: boolean
  /** Whether ticks are scored without waiting until a later time is reached. */
  readonly seeking: boolean
  /** Resolves when the tick at `ts` (milliseconds since 1970) is due. Ticks come in order. */
  readonly due: (ts: number) => Promise<void>
  readonly change: (how: PaceChange) => void
}

/** What a pace takes from the process around it. */
export interface PaceOptions {
  readonly speed: number
  /** Ticks before this time are scored without waiting; default none are. Milliseconds since 1970. */
  readonly from?: number | undefined
  /** Milliseconds that never go back. */
  readonly stopwatch: () => number
  /** Waits, at most until `signal` aborts, which is no error. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Aborted when the replay is to end: `due` throws then. */
  readonly stop: AbortSignal
  /** Begin of the session after the one of `ts`; null after the last. */
  readonly nextSession: (ts: number) => number | null
}

/** Ticks between two looks at the rest of the world. */
const BREATH = 500
/** Time between two sessions is not waited for. */
const NIGHT_MS = 3_600_000
const AHEAD_MS = 300_000
const LEAST = 1 / 8
const MOST = 512

/**
 * The clock of a replay. Scores depend on the snapshots alone, so a seek scores what lies between without waiting, and goes ahead
 * only: what is scored depends on all that came before.
 */
export function createPace(options: PaceOptions): Pace {
  const { stopwatch, sleep, stop, nextSession } = options
  let speed = options.speed
  let paused = false
  let until = options.from ?? Number.NEGATIVE_INFINITY
  let ticks = 0
  /** The tick that `speed` is counted from, when it was scored, and the one before the next. */
  let anchor: { readonly ts: number; readonly at: number } | null = null
  let last: number | null = null
  let changed = new AbortController()
  const changes: Readonly<Record<PaceChange, () => void>> = {
    pause: () => (paused = !paused),
    faster: () => (speed = speed >= MOST ? 0 : speed * 2),
    slower: () => (speed = speed === 0 ? MOST : Math.max(LEAST, speed / 2)),
    ahead: () => (until = Math.max(until, last ?? Number.NEGATIVE_INFINITY) + AHEAD_MS),
    'next session': () => (until = (last === null ? null : nextSession(last)) ?? Number.POSITIVE_INFINITY),
  }
  const breathe = async (): Promise<void> => {
    if (ticks % BREATH === 0) await setImmediate()
  }
  const due = async (ts: number): Promise<void> => {
    ticks += 1
    if (last !== null && ts - last > NIGHT_MS) anchor = null
    last = ts
    for (;;) {
      stop.throwIfAborted()
      if (ts < until) return breathe()
      if (until > Number.NEGATIVE_INFINITY) [until, anchor] = [Number.NEGATIVE_INFINITY, null]
      const wake = AbortSignal.any([stop, changed.signal])
      if (paused) {
        await sleep(NIGHT_MS, wake)
        anchor = null
        continue
      }
      if (speed === 0) return breathe()
      anchor ??= { ts, at: stopwatch() }
      const left = anchor.at + (ts - anchor.ts) / speed - stopwatch()
      if (left <= 0) return
      await sleep(left, wake)
    }
  }
  return {
    get speed() {
      return speed
    },
    get paused() {
      return paused
    },
    get seeking() {
      return last !== null && last < until
    },
    due,
    change: (how) => {
      changes[how]()
      // What comes next is counted from now, at the new speed.
      anchor = null
      changed.abort()
      changed = new AbortController()
    },
  }
}
