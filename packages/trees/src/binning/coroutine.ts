/**
 * Long work that pauses often, so that one definition serves a plain call, an event loop that must stay alive, and a worker
 * thread. Yields about how many elementary updates it has done since the last time (a nanosecond or two each).
 */
export type Coroutine<T> = Generator<number, T, undefined>

/** Work between two turns of the event loop in {@link runCooperatively}: some tens of milliseconds. */
const WORK_PER_TURN = 20_000_000

/** Runs it without a pause. */
export function runToEnd<T>(coroutine: Coroutine<T>): T {
  for (;;) {
    const result = coroutine.next()
    if (result.done) return result.value
  }
}

/**
 * Runs it, letting the event loop turn every few tens of milliseconds. An aborted signal stops it at the next pause with the
 * signal's reason.
 */
export async function runCooperatively<T>(coroutine: Coroutine<T>, signal: AbortSignal | undefined): Promise<T> {
  let work = 0
  for (;;) {
    signal?.throwIfAborted()
    const result = coroutine.next()
    if (result.done) return result.value
    work += result.value
    if (work >= WORK_PER_TURN) {
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
