import { newYorkCalendar } from '@breakwater/features'
import type { Bars, Session, Table } from '@breakwater/features'
import { withGapsAndTrends } from './gaps.ts'
import { PLANTED } from './planted.ts'
import type { PlantedEffect } from './planted.ts'
import { streamsFrom } from './random.ts'
import { firstMarket, simulateSession } from './session.ts'
import type { Reaction, SimulatedSession, Streams } from './session.ts'
import { withBarrierAhead } from './physics-row.ts'
import { barsOf, physicsTable } from './tables.ts'

/** What to simulate. */
export interface SimulationOptions {
  /** 32-bit integer; the same seed and options give the same bytes. */
  readonly seed?: number
  /** Sessions, at least 1. More sessions only add: the earlier ones stay as they were. */
  readonly sessions?: number
  /** First date considered, 'YYYY-MM-DD' in New York; the first session is the first trading day from it on. */
  readonly startDate?: string
  /** Price before the first session, $, above 100. */
  readonly startPrice?: number
  /** Mean standard deviation of a regular minute around its drift, $, above 0. */
  readonly volatility?: number
  /** Factor on every planted effect, 0 or more; 0 is a world in which physics carry no information about prices. */
  readonly strength?: number
  /** Chance that a physics value is missing, in [0, 1). */
  readonly missingRate?: number
  /**
   * Minutes over which a row reads the book, from its own minute on, at least 1. By default 1: its own. In real tables the window is four minutes
   * long, and such a row tells what the book was three minutes later.
   */
  readonly barrierMinutes?: number
  /** Whether to make pre-market bars (04:00 to 09:30 New York), so that pre-market levels exist. */
  readonly preMarket?: boolean
}

/** What was planted, and where it acted. */
export interface SimulationTruth {
  readonly options: Required<SimulationOptions>
  readonly planted: readonly PlantedEffect[]
  /** Dates of the sessions, in order. */
  readonly dates: readonly string[]
  /** Touches that pushed demand, in time order. */
  readonly reactions: readonly Reaction[]
}

/** A simulated market. */
export interface Simulation {
  readonly bars: Bars
  readonly physics: Table
  readonly truth: SimulationTruth
}

/**
 * Sessions of one-minute bars of a stressed SPY, and one row of order-book, tape and option physics per regular minute,
 * whose effect on BREAK against BOUNCE is planted as {@link PLANTED} lists. Physics of a minute come from chance and
 * from what has already happened, never from a later price. `physics` has the time column `ts_ns` and the columns of
 * the groups barrier_physics, tape_physics, fuel_physics and dealer_velocity and the four barrier and tape trends;
 * twins and pressures that follow from them are left to features. Throws RangeError on an option out of range.
 */
export function simulate(options: SimulationOptions = {}): Simulation {
  const settings = checkedOptions(options)
  const days = tradingDays(settings.startDate, settings.sessions)
  const streams = streamsOf(settings.seed)
  const sessions: SimulatedSession[] = []
  let market = firstMarket(settings.startPrice, streams)
  for (const day of days) {
    const session = simulateSession(day, market, settings, streams)
    sessions.push(session)
    market = session.market
  }
  return {
    bars: barsOf(sessions.flatMap((session) => session.bars)),
    physics: physicsOf(sessions, settings, streams),
    truth: {
      options: settings,
      planted: PLANTED,
      dates: days.map((day) => day.date),
      reactions: sessions.flatMap((session) => session.reactions),
    },
  }
}

function physicsOf(
  sessions: readonly SimulatedSession[],
  { missingRate, barrierMinutes }: Required<SimulationOptions>,
  streams: Streams,
): Table {
  const ts = sessions.flatMap((session) => session.physics.map((one) => one.ts))
  const rows = sessions.flatMap((session) => {
    const complete = session.physics.map((one) => one.row)
    return withGapsAndTrends(withBarrierAhead(complete, barrierMinutes), missingRate, streams.gaps)
  })
  return physicsTable(ts, rows)
}

function streamsOf(seed: number): Streams {
  const next = streamsFrom(seed)
  return {
    night: next(),
    preMarket: next(),
    price: next(),
    demand: next(),
    barrier: next(),
    tape: next(),
    fuel: next(),
    dealer: next(),
    gaps: next(),
  }
}

function checkedOptions({
  seed = 1,
  sessions = 40,
  startDate = '2024-10-28',
  startPrice = 540,
  volatility = 0.47,
  strength = 1,
  missingRate = 0.02,
  barrierMinutes = 1,
  preMarket = true,
}: SimulationOptions): Required<SimulationOptions> {
  refuseUnless(Number.isInteger(seed) && Math.abs(seed) < 2 ** 31, 'seed', seed, 'must be an integer of 32 bits')
  refuseUnless(Number.isInteger(sessions) && sessions >= 1, 'sessions', sessions, 'must be a whole number from 1 on')
  refuseUnless(startPrice > 100 && startPrice < 10_000, 'startPrice', startPrice, 'must lie between 100 and 10,000 $')
  refuseUnless(volatility > 0 && volatility < 10, 'volatility', volatility, 'must lie between 0 and 10 $ per minute')
  refuseUnless(strength >= 0 && strength <= 10, 'strength', strength, 'must lie in [0, 10]. Use 0 for no effect')
  refuseUnless(missingRate >= 0 && missingRate < 1, 'missingRate', missingRate, 'must lie in [0, 1)')
  refuseUnless(
    Number.isInteger(barrierMinutes) && barrierMinutes >= 1,
    'barrierMinutes',
    barrierMinutes,
    'must be a whole number from 1 on',
  )
  return { seed, sessions, startDate, startPrice, volatility, strength, missingRate, barrierMinutes, preMarket }
}

function refuseUnless(holds: boolean, name: string, value: number, rule: string): void {
  if (!holds) throw new RangeError(`simulator: ${name}=${value}: ${rule}.`)
}

const DAY_MS = 86_400_000

/**
 * The first `count` trading days of the New York Stock Exchange from `startDate` ('YYYY-MM-DD') on, half days and clock
 * changes as the calendar has them. Throws RangeError for what is not a date.
 */
function tradingDays(startDate: string, count: number): readonly Session[] {
  const calendar = newYorkCalendar()
  const days: Session[] = []
  for (let date = startDate; days.length < count; date = dayAfter(date)) {
    const session = calendar.sessionOf(date)
    if (session !== null) days.push(session)
  }
  return days
}

const dayAfter = (date: string): string => new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10)
