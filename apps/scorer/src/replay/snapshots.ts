import {
  barOf,
  type Bars,
  type Calendar,
  type LiveLevel,
  type MinuteBar,
  type PhysicsSource,
  type SignalSettings,
} from '@breakwater/features'
import { createLiveFeatures, newYorkCalendar, PHYSICS_KNOWN_AFTER_S } from '@breakwater/features'
import type { IncomingBar, IncomingLevel, IncomingSnapshot } from '@breakwater/viewport'
import { nsOfInteger } from '@breakwater/viewport/payload'
import { priceWithin } from './path.ts'

/** What is replayed. */
export interface ReplayInput {
  /** Bars in time order. */
  readonly bars: Bars
  readonly physics: PhysicsSource
  /** Milliseconds between snapshots; divides a minute. */
  readonly intervalMs: number
  /** Sessions to replay; the bars before them are history. */
  readonly dates: ReadonlySet<string>
  readonly signals?: Partial<SignalSettings>
  /** First touch of the episode that a level is in, as published last; null without one. */
  readonly touchOf: (levelId: string) => number | null
}

const MINUTE_MS = 60_000
const MINUTE_NS = 60_000_000_000n
/** Levels farther than this from the last close are of no interest. */
const ROUNDS_WITHIN = 2

/** The bars before the first replayed session, as a scorer takes them for its history. */
export function* historyOf({ bars, dates }: Pick<ReplayInput, 'bars' | 'dates'>): Generator<IncomingBar> {
  const calendar = newYorkCalendar()
  for (const [i, ns] of bars.ts.entries()) {
    if (dates.has(calendar.dateOf(ns))) return
    yield incoming(barOf(bars, i))
  }
}

/**
 * Snapshots of the regular sessions on `dates`, one every `intervalMs`, as a Core Service would snap them: the price
 * walks through each bar and is shown where it is at that moment, a bar is handed over when it has ended, levels are those known at the minute's start, and
 * physics of a level in an episode are those of its touch minute, else those of the minute before, each
 * from the moment on at which its window has ended. The same input gives the same snapshots.
 */
export function* replaySnapshots(input: ReplayInput): Generator<IncomingSnapshot> {
  const { bars, dates, intervalMs } = input
  const calendar = newYorkCalendar()
  const live = createLiveFeatures({ ...input.signals, calendar })
  let ended: IncomingBar[] = []
  let started = false
  for (const i of bars.ts.keys()) {
    const bar = barOf(bars, i)
    const replayed = dates.has(calendar.dateOf(bars.ts[i] as bigint))
    started ||= replayed
    if (replayed && isRegular(calendar, bar.minute)) {
      const known = live.levels(BigInt(bar.minute) * MINUTE_NS, ROUNDS_WITHIN)
      for (let ms = 0; ms < MINUTE_MS; ms += intervalMs) {
        const ts = bar.minute * MINUTE_MS + ms
        const spot = priceWithin(bar, ms / MINUTE_MS)
        const levels = known.map((level) => levelAt(input, level, ts))
        yield { ts, spy: { spot, bid: null, ask: null }, levels, ...(ended.length === 0 ? {} : { bars: ended }) }
        ended = []
      }
    }
    live.push(bar)
    if (started) ended.push(incoming(bar))
  }
}

const knownAfter: ReadonlyMap<string, number> = new Map(Object.entries(PHYSICS_KNOWN_AFTER_S))

/** A level with those of its readings whose window has ended at `ts`. */
function levelAt({ physics, touchOf }: ReplayInput, { kind, price }: LiveLevel, ts: number): IncomingLevel {
  const id = kind === 'ROUND' || kind === 'STRIKE' ? `${kind}_${price.toFixed(2)}` : kind
  if (physics.rows === 0) return { id, kind, price }
  const touch = touchOf(id)
  const read = touch === null ? Math.floor(ts / MINUTE_MS) - 1 : Number(nsOfInteger(touch) / MINUTE_NS)
  const { numbers, words } = physics.read(physics.find(read, price))
  const afterS = (ts - read * MINUTE_MS) / 1000
  const isKnown = ([name, value]: [string, number | string | null]): boolean =>
    !Number.isNaN(value) && afterS >= (knownAfter.get(name) ?? Infinity)
  const known: [string, number | string | null][] = [...Object.entries(numbers), ...Object.entries(words)].filter(
    isKnown,
  )
  return { id, kind, price, physics: Object.fromEntries(known) }
}

/** Whether a minute (since 1970) is one of a regular session. */
export function isRegular(calendar: Calendar, minute: number): boolean {
  const ns = BigInt(minute) * MINUTE_NS
  const session = calendar.sessionOf(calendar.dateOf(ns))
  return session !== null && ns >= session.openNs && ns < session.closeNs
}

function incoming({ minute, ...prices }: MinuteBar): IncomingBar {
  return { ts: minute * MINUTE_MS, ...prices }
}
