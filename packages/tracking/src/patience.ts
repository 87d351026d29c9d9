/** The clock and the alarm that waiting is measured by. */
export interface Timer {
  /** Milliseconds from an arbitrary start that never go back. */
  readonly now: () => number
  /** Calls back after so many milliseconds; what it returns cancels that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void
}

/** How long a job waits for servers on behalf of one run, in all systems together. */
export interface Patience {
  /**
   * Waits for `work` while there is time. Resolves to true when it is done, and to false where time ran out first; from
   * then on always at once. An error of `work` is thrown while somebody waits, and dropped afterwards.
   */
  readonly wait: (work: Promise<unknown>) => Promise<boolean>
}

/** Waits for whatever it is given. */
export const ENDLESS_PATIENCE: Patience = {
  /** Waits for `work` however long it takes. */
  wait: (work) => work.then(() => true),
}

/** Patience of so many milliseconds, 0 or more, spent only while something waits; waits at the same time count once. */
export function createPatience(milliseconds: number, timer: Timer): Patience {
  let left = milliseconds
  let waits = 0
  let since = 0
  let cancel: (() => void) | undefined
  let runOut: (() => void) | undefined
  const over = new Promise<false>((resolve) => {
    runOut = () => resolve(false)
  })
  const begin = (): void => {
    if (waits++ > 0) return
    since = timer.now()
    cancel = timer.after(left, () => {
      left = 0
      runOut?.()
    })
  }
  const end = (): void => {
    if (--waits > 0) return
    cancel?.()
    left = Math.max(0, left - (timer.now() - since))
  }
  return {
    wait: async (work) => {
      const done = work.then(() => true as const)
      // Nobody may be there any more to hear of a failure.
      done.catch(() => undefined)
      if (left <= 0) return false
      begin()
      try {
        return await Promise.race([done, over])
      } finally {
        end()
      }
    },
  }
}
