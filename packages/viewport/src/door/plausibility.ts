import { checkWithin } from '../check.ts'
import { type Snapshot, type SnapshotBar, SnapshotError } from '../snapshot.ts'
import { MINUTE_NS } from '../time.ts'

/** When a price is believed. Shares are of the price; times since a close count by their square root, from one minute on. */
export interface PlausibilityOptions {
  /** A move beyond this many volatilities of one minute, and beyond `jumpShare`, is a jump; default 25. */
  readonly jumpVolatilities?: number
  /** Default 0.02. */
  readonly jumpShare?: number
  /** No move beyond this is believed, however much time has passed; default 0.3. */
  readonly maxShare?: number
  /** Spot may lie this far outside bid and ask, and these may cross by as much; default 0.002. */
  readonly quoteShare?: number
  /** Shares that one bar may have traded; default 1e10. */
  readonly maxVolume?: number
  /** Ticks in a row that are refused as a jump and agree with each other, from which on the jump is believed; default 20. */
  readonly agreeingTicks?: number
  /** Bars beside them that a jump needs beyond `maxShare` of a close of the last ten minutes; default 3. */
  readonly agreeingBars?: number
  /** Whether a minute (since 1970) is one of those in which every minute has a bar. Without it spacing is not looked at. */
  readonly isRegular?: (minute: number) => boolean
}

/** Why a bar is not believed. */
export type BarFault = 'bar_jump' | 'bar_volume' | 'bar_spacing'

/** Compares prices with what is known. Refusing changes only what it remembers of the refused, as evidence. */
export interface PlausibilityGate {
  /**
   * Throws {@link SnapshotError} (`bad_quote`, `spot_outside_quote`, `spot_jump`) on a spot that is not believed. A snapshot
   * with which time restarts (`isRestart`) is compared with no price before it.
   */
  checkTick(snapshot: Snapshot, isRestart: boolean): void
  /** Why a bar of an accepted snapshot is not believed: far from the last close and from the snapshot's spot; null where it is. */
  barFault(bar: SnapshotBar, snapshot: Snapshot): BarFault | null
  /** Remembers a bar that was taken. */
  takeBar(bar: SnapshotBar): void
  /** Jumps that were accepted because ticks agreed, or because the sender announced them. */
  readonly believed: number
}

/** A price and when it was, in minutes since 1970. */
interface Price {
  readonly price: number
  readonly minute: number
}

/** Refused prices that agree with each other. */
interface Evidence extends Price {
  readonly ticks: number
  readonly bars: number
}

/** Minutes from which on a close no longer speaks against ticks. */
const FRESH_MINUTES = 10
/** Decay of the mean of squared moves with each bar, and bars from which on it is used. */
const DECAY = 0.97
const MIN_BARS = 10

/** A gate that knows no price yet: the first is believed. Throws RangeError naming the option that is wrong. */
export function plausibilityGate(options: PlausibilityOptions = {}): PlausibilityGate {
  const settings = settingsOf(options)
  const spacing = spacingWatch(options.isRegular)
  let close: Price | null = null
  let spot: Price | null = null
  let evidence: Evidence | null = null
  let [variance, bars, believed] = [0, 0, 0]

  /** Whether all prices of a minute are as near as one is from the other in so many minutes. */
  const areNear = (prices: readonly number[], from: Price, minute: number): boolean => {
    const volatility = bars < MIN_BARS ? 0 : Math.sqrt(variance)
    const share = Math.max(settings.jumpShare, settings.jumpVolatilities * volatility)
    const reach = Math.min(settings.maxShare, share * Math.sqrt(Math.max(1, Math.abs(minute - from.minute))))
    return prices.every((price) => Math.abs(price - from.price) <= reach * from.price)
  }
  const isNear = (price: number, from: Price, minute: number): boolean => areNear([price], from, minute)
  /** The close while bars come; else whichever price is the last. */
  const reference = (minute: number): Price | null => {
    if (close === null || spot === null) return close ?? spot
    return minute - close.minute <= FRESH_MINUTES || close.minute > spot.minute ? close : spot
  }
  const believe = (price: Price): void => {
    believed += 1
    close = null
    spot = price
    evidence = null
  }
  const forget = (): void => {
    close = spot = evidence = null
    spacing.forget()
  }
  const gather = (at: Price, snapshot: Snapshot): Evidence => {
    const agrees = evidence !== null && at.minute > evidence.minute && isNear(at.price, evidence, at.minute)
    const before = agrees ? evidence : null
    const agreeing = (snapshot.bars ?? []).filter((bar) => isNear(bar.close, at, at.minute)).length
    return { ...at, ticks: (before?.ticks ?? 0) + 1, bars: (before?.bars ?? 0) + agreeing }
  }
  const isSupported = ({ ticks, bars: agreeing, price, minute }: Evidence): boolean => {
    if (ticks < settings.agreeingTicks) return false
    const isContradicted =
      close !== null &&
      minute - close.minute <= FRESH_MINUTES &&
      Math.abs(price - close.price) > settings.maxShare * close.price
    return !isContradicted || agreeing >= settings.agreeingBars
  }
  return {
    get believed() {
      return believed
    },
    checkTick(snapshot, isRestart) {
      checkQuote(snapshot, settings.quoteShare)
      if (isRestart) forget()
      const at = { price: snapshot.spot, minute: minuteOf(snapshot.tsNs) }
      const from = reference(at.minute)
      if (from !== null && !isNear(at.price, from, at.minute)) {
        if (snapshot.jump !== true) {
          evidence = gather(at, snapshot)
          if (!isSupported(evidence)) throw jumpError(snapshot, from)
        }
        believe(at)
      }
      evidence = null
      spot = at
    },
    barFault(bar, { jump, spot: price, tsNs }) {
      if (bar.volume > settings.maxVolume) return 'bar_volume'
      if (!spacing.isEven(bar.minute)) return 'bar_spacing'
      const prices = [bar.open, bar.high, bar.low, bar.close]
      const isAround = (from: Price): boolean => areNear(prices, from, bar.minute)
      if (close !== null && isAround(close)) return null
      const isReal = isAround({ price, minute: minuteOf(tsNs) })
      if (!isReal && jump !== true) return 'bar_jump'
      if (!isReal) believed += 1
      // The move from the last close is not a volatility.
      close = null
      return null
    },
    takeBar(bar) {
      if (close !== null) {
        const move = Math.log(bar.close / close.price) ** 2 / Math.max(1, bar.minute - close.minute)
        variance = bars === 0 ? move : DECAY * variance + (1 - DECAY) * move
        bars += 1
      }
      close = { price: bar.close, minute: bar.minute }
    },
  }
}

const minuteOf = (ns: bigint): number => Number(ns) / Number(MINUTE_NS)

function checkQuote({ spot, bid, ask }: Snapshot, share: number): void {
  const slack = share * spot
  const isCrossed = bid !== null && ask !== null && bid > ask + slack
  if (isCrossed || [bid, ask].some((price) => price !== null && !(price > 0 && price < Infinity))) {
    throw new SnapshotError(
      'bad_quote',
      `viewport: snapshot.bid=${bid}, ask=${ask}: must be prices above 0 that do not cross. Pass null for none.`,
    )
  }
  if ((bid === null || spot >= bid - slack) && (ask === null || spot <= ask + slack)) return
  throw new SnapshotError(
    'spot_outside_quote',
    `viewport: snapshot.spot=${spot}: lies outside bid=${bid} and ask=${ask}. Is one of them of another time or unit?`,
  )
}

function jumpError({ spot }: Snapshot, from: Price): SnapshotError {
  return new SnapshotError(
    'spot_jump',
    `viewport: snapshot.spot=${spot}: is implausibly far from ${from.price}. A real jump is accepted when enough ticks agree on it; send jump=true to announce it.`,
  )
}

type Settings = Required<Omit<PlausibilityOptions, 'isRegular'>>

function settingsOf({
  jumpVolatilities = 25,
  jumpShare = 0.02,
  maxShare = 0.3,
  quoteShare = 0.002,
  maxVolume = 1e10,
  agreeingTicks = 20,
  agreeingBars = 3,
}: PlausibilityOptions): Settings {
  const settings = { jumpVolatilities, jumpShare, maxShare, quoteShare, maxVolume, agreeingTicks, agreeingBars }
  for (const [name, value] of Object.entries(settings)) {
    checkWithin(`options.plausibility.${name}`, value, [0, Number.POSITIVE_INFINITY], 'See PlausibilityOptions.')
  }
  return settings
}

/** Watches whether bars come minute by minute. */
interface SpacingWatch {
  /** Whether bars have come evenly, up to the one of `minute`. */
  isEven(minute: number): boolean
  forget(): void
}

/** Gaps between bars that are looked at, and those among them that may be longer than a minute: a halt, a lost message. */
const SPACING_WINDOW = 12
const MAX_LONG_GAPS = 3

/**
 * A watch over the minutes for which `isRegular` holds, those in which every minute has a bar. Bars of five minutes, and feeds
 * that lack every third one, are uneven after a few bars, and even again once {@link SPACING_WINDOW} minutes have come in a row.
 */
function spacingWatch(isRegular: PlausibilityOptions['isRegular'] = () => false): SpacingWatch {
  let last: number | null = null
  let long: boolean[] = []
  return {
    isEven(minute) {
      if (!isRegular(minute)) {
        last = null
        long = []
        return true
      }
      if (last !== null && minute > last) long = [...long, minute > last + 1].slice(-SPACING_WINDOW)
      if (last === null || minute > last) last = minute
      return long.filter(Boolean).length <= MAX_LONG_GAPS
    },
    forget() {
      last = null
      long = []
    },
  }
}
