import { newYorkCalendar, type MinuteBar } from '@breakwater/features'

const MINUTE_NS = 60_000_000_000n
const calendar = newYorkCalendar()

/** Mulberry32: numbers in [0, 1) from a 32-bit seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Nanoseconds of a time of day, seconds after the open of a session. */
export function openOf(date: string): bigint {
  const session = calendar.sessionOf(date)
  if (session === null) throw new Error(`${date} is no session`)
  return session.openNs
}

/** What {@link walkBars} makes. */
export interface WalkOptions {
  readonly dates: readonly string[]
  readonly seed: number
  /** Share of minutes without a bar. */
  readonly absent: number
}

const cents = (price: number): number => Math.round(price * 100) / 100

/** A random walk in cents through the regular sessions of some dates, 20 minutes of pre-market before each. */
export function walkBars({ dates, seed, absent }: WalkOptions): MinuteBar[] {
  const random = randomNumbers(seed)
  const bars: MinuteBar[] = []
  let price = 500
  for (const date of dates) {
    const first = Number(openOf(date) / MINUTE_NS)
    for (let minute = first - 20; minute < first + 390; minute++) {
      const open = cents(price)
      price = Math.max(5, price + (random() * 2 - 1) * 0.3)
      const close = cents(price)
      const high = cents(Math.max(open, close) + random() * 0.12)
      const low = cents(Math.min(open, close) - random() * 0.12)
      if (random() >= absent) bars.push({ minute, open, high, low, close, volume: Math.ceil(random() * 1000) })
    }
  }
  return bars
}
