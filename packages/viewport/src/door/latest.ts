/** Takes items as they arrive and works on the newest. */
export interface Latest<T> {
  readonly offer: (item: T) => void
  /** Works on what waits, now. */
  readonly flush: () => void
}

/**
 * Works on at most one item a turn of the event loop (`later` is setImmediate), the newest: an item that is overtaken before its turn goes to
 * `overtaken` instead. So a burst is never queued, and items that come one by one are all worked on, in order.
 */
export function latestOnly<T>(
  work: (item: T) => void,
  overtaken: (item: T) => void,
  later: (callback: () => void) => unknown,
): Latest<T> {
  let waiting: { readonly item: T } | null = null
  const flush = (): void => {
    const next = waiting
    waiting = null
    if (next !== null) work(next.item)
  }
  return {
    offer: (item) => {
      if (waiting === null) later(flush)
      else overtaken(waiting.item)
      waiting = { item }
    },
    flush,
  }
}
