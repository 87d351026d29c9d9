import { createProgress } from '@breakwater/command-line'
import type { Context } from '../context.ts'
import type { Pace } from './pace.ts'
import { keyMeaning, marketTime, positionLine, type ReplayLength } from './progress.ts'

/** Tells how far a replay is. */
export interface ReplayWatch {
  /** After each tick. */
  readonly tick: (ts: number) => void
  /** Leaves the terminal as it was; `isWhole` is false where the replay was cut off. */
  readonly end: (isWhole: boolean) => void
}

/** A replay to watch. */
interface WatchedReplay {
  readonly length: ReplayLength
  readonly intervalMs: number
  readonly pace: Pace
  readonly interrupt: () => void
}

/** Milliseconds between two lines on a terminal. */
const REDRAW_MS = 100

/**
 * On a terminal one line that stays, with keys that pause, go ahead and change the speed; elsewhere lines of a log. The key that
 * ends calls `interrupt`.
 */
export function watchReplay(
  context: Pick<Context, 'err' | 'interactive' | 'width' | 'onKey' | 'stopwatch'>,
  { length, intervalMs, pace, interrupt }: WatchedReplay,
): ReplayWatch {
  const { err, interactive, width, onKey, stopwatch } = context
  let done = 0
  if (!interactive || onKey === undefined) {
    const terminal = { out: err, err, interactive, width }
    const step = createProgress({ terminal, stopwatch }, false).step(
      `replay of ${marketTime(length, intervalMs)}`,
      length.ticks,
    )
    return {
      tick: () => step.update((done += 1)),
      end: (isWhole) => {
        if (isWhole) step.end(`${done} ticks`)
      },
    }
  }
  err(`replay of ${marketTime(length, intervalMs)}\n`)
  let drawn = Number.NEGATIVE_INFINITY
  let last = length.sessions[0]?.open ?? 0
  const draw = (): void => {
    drawn = stopwatch()
    err(`\r\u001B[2K${positionLine(length, { ts: last, done, intervalMs, pace }, width)}`)
  }
  const release = onKey((key) => {
    const meaning = keyMeaning(key)
    if (meaning === null) return
    if (meaning === 'end') return interrupt()
    pace.change(meaning)
    draw()
  })
  draw()
  return {
    tick: (ts) => {
      last = ts
      done += 1
      if (stopwatch() - drawn >= REDRAW_MS) draw()
    },
    end: () => {
      release()
      draw()
      err('\n')
    },
  }
}
