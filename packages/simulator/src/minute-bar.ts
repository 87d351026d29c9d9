import type { RandomStream } from './random.ts'

/** One minute of prices ($, whole cents) and volume (shares). */
export interface MinuteBar {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** How the price of one minute is drawn. */
export interface MinutePlan {
  /** Price at which the minute begins, $; not rounded. */
  readonly price: number
  /** Expected change over the minute, $. */
  readonly drift: number
  /** Standard deviation of the change around the drift, $. */
  readonly volatility: number
  /** Typical volume, shares. */
  readonly volume: number
}

const STEPS = 6

/** A random walk of six steps with the plan's drift, and its unrounded last price. Volume grows with the range. */
export function drawMinute(plan: MinutePlan, random: RandomStream): { bar: MinuteBar; price: number } {
  let price = plan.price
  let high = price
  let low = price
  for (let step = 0; step < STEPS; step++) {
    price += plan.drift / STEPS + (plan.volatility / Math.sqrt(STEPS)) * random.normal()
    high = Math.max(high, price)
    low = Math.min(low, price)
  }
  const reach = plan.volatility > 0 ? (high - low) / plan.volatility : 1
  const volume = Math.max(100, Math.round(plan.volume * (0.5 + 0.4 * reach) * Math.exp(0.35 * random.normal())))
  return { bar: { open: cents(plan.price), high: cents(high), low: cents(low), close: cents(price), volume }, price }
}

const cents = (price: number): number => Math.round(price * 100) / 100
