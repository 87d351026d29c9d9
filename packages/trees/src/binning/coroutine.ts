/**
 * Long work cut into coroutine, so that one definition serves a plain call, an event loop that must stay alive, and a
 * worker thread. Each step yields about how many elementary updates it did (a nanosecond or two each).
 */
export type Coroutine<T> = Generator<number, T, undefined>

/** Work between two pauses of {@link runCooperatively}: some tens of milliseconds. */
const PAUSE_EVERY = 20_000_000

/** Runs all coroutine at once; `check` (if given) runs after each and may throw to stop. */
export function runToEnd<T>(coroutine: Coroutine<T>, check?: () => void): T {
  for (;;) {
    const step = coroutine.next()
    if (step.done) return step.value
    check?.()
  }
}

/**
 * Runs the coroutine, letting the event loop turn every few tens of milliseconds. An aborted signal stops it at the next
 * step with the signal's reason.
 */
export async function runCooperatively<T>(coroutine: Coroutine<T>, signal: AbortSignal | undefined): Promise<T> {
  let work = 0
  for (;;) {
    signal?.throwIfAborted()
    const step = coroutine.next()
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
