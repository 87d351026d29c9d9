import { CALM_BARRIER, nextBarrier } from './barrier.ts'
import type { Session } from '@breakwater/features'
import { nextDealer, NO_FLOW } from './dealer.ts'
import { BALANCED, marketResponse, nextDemand, NO_PUSH } from './demand.ts'
import type { Demand, DemandPush } from './demand.ts'
import { fuelAt, nextFuel } from './fuel.ts'
import { preMarketActivity, preMarketVolume, volatilityShape, volumeShape } from './intraday.ts'
import { drawMinute } from './minute-bar.ts'
import type { MinuteBar } from './minute-bar.ts'
import { physicsRow } from './physics-row.ts'
import type { Physics, PhysicsRow } from './physics-row.ts'
import { barrierPush, gammaPush } from './planted.ts'
import type { RandomStream } from './random.ts'
import { nextTape, QUIET_TAPE } from './tape.ts'

/** The independent sources of chance; each process draws from its own. */
export interface Streams {
  readonly night: RandomStream
  readonly preMarket: RandomStream
  readonly price: RandomStream
  readonly demand: RandomStream
  readonly barrier: RandomStream
  readonly tape: RandomStream
  readonly fuel: RandomStream
  readonly dealer: RandomStream
  readonly gaps: RandomStream
}

/** What one session hands to the next. */
export interface Market {
  /** Last price, $, not rounded. */
  readonly price: number
  readonly physics: Physics
}

/** How strong and how wild the world is. */
export interface World {
  /** Factor on every planted effect; 1 as documented, 0 none. */
  readonly strength: number
  /** Mean standard deviation of a regular minute around its drift, $. */
  readonly volatility: number
  readonly preMarket: boolean
}

/** A touch that pushed demand: the cause of what followed. */
export interface Reaction {
  /** Start of the touch minute, ns since 1970 UTC. */
  readonly ts: bigint
  readonly level: number
  /** 1 for an approach from below, -1 from above. */
  readonly sign: 1 | -1
  /** Pushes along the approach, units of demand, before the factor `strength`; 0 where the source was deaf or silent. */
  readonly gamma: number
  readonly barrier: number
}

/** One minute's bar with its start. */
export interface StampedBar {
  readonly ts: bigint
  readonly bar: MinuteBar
}

/** What one simulated session leaves. */
export interface SimulatedSession {
  readonly bars: readonly StampedBar[]
  /** One row per regular minute, in the order of the regular bars. */
  readonly physics: readonly { readonly ts: bigint; readonly row: PhysicsRow }[]
  readonly reactions: readonly Reaction[]
  readonly market: Market
}

const MINUTE_NS = 60_000_000_000n

/** Price to which nights pull back, $. */
const HOME_PRICE = 540

/** The market before the first session. */
export function firstMarket(price: number, streams: Streams): Market {
  const fuel = fuelAt(streams.fuel.normal())
  return { price, physics: { barrier: CALM_BARRIER, tape: QUIET_TAPE, fuel, dealer: NO_FLOW } }
}

/** One session after `market`: the night's gap, the pre-market if asked for, then every regular minute. */
export function simulateSession(day: Session, market: Market, world: World, streams: Streams): SimulatedSession {
  const gap = 0.4 * (HOME_PRICE - market.price) + 2 * streams.night.normal()
  const opening = { ...market, price: market.price + gap }
  const early = world.preMarket
    ? preMarketSession(day, opening.price, streams.preMarket)
    : { bars: [], price: opening.price }
  const regular = regularSession(day, { ...opening, price: early.price }, world, streams)
  return { ...regular, bars: [...early.bars, ...regular.bars] }
}

function preMarketSession(
  day: Session,
  start: number,
  random: RandomStream,
): { bars: readonly StampedBar[]; price: number } {
  const bars: StampedBar[] = []
  let price = start
  const minutes = Number((day.openNs - day.preOpenNs) / MINUTE_NS)
  for (let minute = 0; minute < minutes; minute++) {
    if (random.uniform() >= preMarketActivity(minute)) continue
    const drawn = drawMinute({ price, drift: 0, volatility: 0.1, volume: preMarketVolume(minute) }, random)
    bars.push({ ts: day.preOpenNs + BigInt(minute) * MINUTE_NS, bar: drawn.bar })
    price = drawn.price
  }
  return { bars, price }
}

function regularSession(day: Session, market: Market, world: World, streams: Streams): SimulatedSession {
  const length = Number((day.closeNs - day.openNs) / MINUTE_NS)
  const bars: StampedBar[] = []
  const rows: { ts: bigint; row: PhysicsRow }[] = []
  const reactions: Reaction[] = []
  let { price, physics } = { price: market.price, physics: { ...market.physics, dealer: NO_FLOW } }
  let demand = BALANCED
  let push = NO_PUSH
  for (let minute = 0; minute < length; minute++) {
    const ts = day.openNs + BigInt(minute) * MINUTE_NS
    const before = price
    demand = nextDemand(demand, push, streams.demand)
    const drawn = regularMinute({ price, physics, demand, minute, length }, world, streams)
    ;({ price, physics } = drawn)
    bars.push({ ts, bar: drawn.bar })
    rows.push({ ts, row: physicsRow(physics) })
    const reaction = reactionTo(drawn.bar, before, physics, demand, ts)
    if (reaction !== undefined) reactions.push(reaction)
    push = pushOf(reaction, world.strength)
  }
  return { bars, physics: rows, reactions, market: { price, physics } }
}

function regularMinute(
  now: { price: number; physics: Physics; demand: Demand; minute: number; length: number },
  world: World,
  streams: Streams,
): { bar: MinuteBar; price: number; physics: Physics } {
  const barrier = nextBarrier(now.physics.barrier, streams.barrier)
  const fuel = nextFuel(now.physics.fuel, streams.fuel)
  const dealer = nextDealer(now.physics.dealer, streams.dealer)
  const response = marketResponse(now.demand, fuel.gammaExposure, world.strength)
  const volatility = world.volatility * volatilityShape(now.minute, now.length) * response.volatilityFactor
  const volume = volumeShape(now.minute, now.length)
  const drawn = drawMinute({ price: now.price, drift: response.drift, volatility, volume }, streams.price)
  const tape = nextTape(now.physics.tape, now.demand.units, drawn.bar.volume, streams.tape)
  return { ...drawn, physics: { barrier, fuel, dealer, tape } }
}

function reactionTo(
  bar: MinuteBar,
  priceBefore: number,
  { fuel, barrier }: Physics,
  demand: Demand,
  ts: bigint,
): Reaction | undefined {
  const touch = roundTouch(bar, Math.round(priceBefore * 100) / 100)
  if (touch === undefined) return undefined
  const gamma = demand.deaf.gamma > 0 ? 0 : gammaPush(fuel.gammaExposure)
  const book = demand.deaf.barrier > 0 ? 0 : barrierPush(barrier.state, barrier.wallRatio)
  return gamma === 0 && book === 0 ? undefined : { ts, ...touch, gamma, barrier: book }
}

function pushOf(reaction: Reaction | undefined, strength: number): DemandPush {
  if (reaction === undefined) return NO_PUSH
  return {
    units: strength * reaction.sign * (reaction.gamma + reaction.barrier),
    sources: reaction.barrier === 0 ? ['gamma'] : ['gamma', 'barrier'],
  }
}

/** A touch of a round dollar, as the simulated market sees it. */
interface Touch {
  /** The round dollar. */
  readonly level: number
  /** 1 when the price came from below, -1 from above. */
  readonly sign: 1 | -1
}

const TOUCH_BAND = 0.1
const MONITOR_BAND = 0.25

/**
 * The round dollar that a bar touches: its range comes within $0.10 of the level and its close within $0.25. The side is
 * that of the close before the bar; a close exactly on the level gives none. At most one level fits, as $0.25 is less
 * than half a dollar.
 */
function roundTouch(bar: { high: number; low: number; close: number }, closeBefore: number): Touch | undefined {
  const level = Math.round(bar.close)
  const near = bar.low <= level + TOUCH_BAND && bar.high >= level - TOUCH_BAND
  if (!near || Math.abs(bar.close - level) > MONITOR_BAND || closeBefore === level) return undefined
  return { level, sign: closeBefore < level ? 1 : -1 }
}
