import type { MinuteBar } from '@breakwater/features'

/** The bars of one day, with the one that is forming. */
export interface DayBars {
  /** Bars that have ended, in time order. */
  readonly ended: readonly MinuteBar[]
  /** Made of the prices since the minute began; null before the first price. Its volume is not known: 0. */
  readonly forming: MinuteBar | null
  /** Takes a bar that has ended; false where it is no bar, or not later than the last. */
  readonly take: (bar: MinuteBar) => boolean
  /** Takes a price at a time, milliseconds since 1970. */
  readonly price: (ms: number, price: number) => void
  readonly clear: () => void
}

/** Minutes from 04:00 to 20:00, the longest day: more bars are not kept. */
const MOST_BARS = 960
const MS_PER_MINUTE = 60_000

/** Bars of a day before the first. */
export function dayBars(): DayBars {
  const ended: MinuteBar[] = []
  let forming: MinuteBar | null = null
  return {
    ended,
    get forming() {
      return forming
    },
    take(bar) {
      if (!isBar(bar) || bar.minute <= (ended.at(-1)?.minute ?? -Infinity)) return false
      ended.push(bar)
      if (ended.length > MOST_BARS) ended.shift()
      if (forming !== null && forming.minute <= bar.minute) forming = null
      return true
    },
    price(ms, price) {
      const minute = Math.floor(ms / MS_PER_MINUTE)
      if (forming === null || forming.minute < minute) {
        forming = { minute, open: price, high: price, low: price, close: price, volume: 0 }
      } else {
        const { high, low } = forming
        forming = { ...forming, high: Math.max(high, price), low: Math.min(low, price), close: price }
      }
    },
    clear() {
      ended.length = 0
      forming = null
    },
  }
}

function isBar({ minute, open, high, low, close }: MinuteBar): boolean {
  const prices = [open, high, low, close]
  return Number.isSafeInteger(minute) && prices.every((price) => price > 0 && price < Infinity) && low <= high
}
