/**
 * Long work cut into steps, so that one definition serves a plain call, an event loop that must stay alive, and a
 * worker thread. Each step yields about how many elementary updates it did (a nanosecond or two each).
 */
export type Steps<T> = Generator<number, T, undefined>

/** Work between two pauses of {@link finishPolitely}: some tens of milliseconds. */
const PAUSE_EVERY = 20_000_000

/** Runs all steps at once; `check` (if given) runs after each and may throw to stop. */
export function finish<T>(steps: Steps<T>, check?: () => void): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    check?.()
  }
}

/**
 * Runs the steps, letting the event loop turn every few tens of milliseconds. An aborted signal stops it at the next
 * step with the signal's reason.
 */
export async function finishPolitely<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  let work = 0
  for (;;) {
    signal?.throwIfAborted()
    const step = steps.next()
    if (step.done) return step.value
    work += step.value
    if (work >= PAUSE_EVERY) {
      work = 0
      await turn()
    }
  }
}

/** Lets the event loop turn: timers wait a millisecond at least, immediates do not, but only Node has them. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
