/** Watches whether bars come minute by minute. */
export interface SpacingWatch {
  /** Whether bars have come evenly, up to the one of `minute`. */
  isEven(minute: number): boolean
  forget(): void
}

/** Gaps looked at, and those among them that may be longer than a minute: a halt, a lost message. */
const WINDOW = 12
const MAX_LONG = 3

/**
 * A watch over the minutes for which `isRegular` holds, those in which every minute has a bar. Bars of five minutes, and feeds
 * that lack every third one, are uneven after a few bars, and even again once {@link WINDOW} minutes have come in a row.
 */
export function spacingWatch(isRegular: (minute: number) => boolean = () => false): SpacingWatch {
  let last: number | null = null
  let long: boolean[] = []
  return {
    isEven(minute) {
      if (!isRegular(minute)) {
        last = null
        long = []
        return true
      }
      if (last !== null && minute > last) long = [...long, minute > last + 1].slice(-WINDOW)
      if (last === null || minute > last) last = minute
      return long.filter(Boolean).length <= MAX_LONG
    },
    forget() {
      last = null
      long = []
    },
  }
}
