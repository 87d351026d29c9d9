import type { Bars } from '../bars/bars.ts'
import { fromLast } from '../signals/day.ts'
import { compareLevels, levelKey, roundLevels } from '../signals/levels.ts'
import type { Level } from '../signals/levels.ts'
import { optionBook } from '../signals/option-levels.ts'
import type { OptionLevel } from '../signals/option-levels.ts'
import { sessionBars } from '../signals/outcomes.ts'
import { physicsSource } from '../signals/physics-table.ts'
import type { SessionSlice } from '../signals/sessions.ts'
import type { SignalSettings } from '../signals/settings.ts'
import { beginSession, beginStream, levelsAt } from '../signals/stream.ts'
import type { SignalStream } from '../signals/stream.ts'
import { standingSign, touchesOf } from '../signals/touches.ts'
import { within } from '../vocabulary/price.ts'
import type { MarketState } from './moment.ts'
import { beginRanges } from './ranges.ts'
import type { RangeState } from './ranges.ts'
import { FOLLOWED_MINUTES, planMoments } from './settings.ts'
import type { MomentOptions } from './settings.ts'
import { momentSink } from './table.ts'
import type { NamedPath, SessionMoments } from './table.ts'
import { walkSession } from './walk.ts'

/** Options of {@link approachMoments}. */
export interface ApproachOptions extends MomentOptions {
  /** Dollars within which a level is followed before a touch; default 1, as far as the viewport looks. */
  readonly radius?: number
  /** Strikes and walls; none by default. */
  readonly optionLevels?: readonly OptionLevel[]
}

/**
 * Moments before a touch, session by session: at every minute of a session after its first bar, each level known then that
 * lies within `radius` of the last close and that no bar of the last twelve minutes touched (from a touch on, its own moments
 * follow it). The side that price comes from is the side where it stands. Rows are in order of time, then of level code and
 * price. Numbers and labels are those of `touchMoments`, but for what began with the touch: `elapsed_s`, `furthest_beyond` and
 * `furthest_back` are missing, `ts_ns` too, and `time_to_touch` says when the level is touched.
 *
 * Throws RangeError on a bad option. Memory: one session's moments. Cost: linear in bars and moments.
 */
export function* approachMoments(bars: Bars, options: ApproachOptions = {}): Generator<SessionMoments, void> {
  const { settings, calendar, profile, slices } = planMoments(bars, options)
  const { radius = 1 } = options
  if (!(radius > 0 && radius < Infinity)) {
    throw new RangeError(`features: radius=${radius}: must be a number of dollars above 0. The default is 1.`)
  }
  const book = optionBook(options.optionLevels ?? [], calendar)
  const stream = beginStream({ settings, calendar, options: book, physics: physicsSource(undefined) })
  const ranges = beginRanges(profile)
  for (const slice of slices) yield sessionApproaches({ bars, slice, stream, ranges, radius })
}

interface Approaches {
  readonly bars: Bars
  readonly slice: SessionSlice
  readonly stream: SignalStream
  readonly ranges: RangeState
  readonly radius: number
}

/** Runs one session. Writes `stream` and `ranges`. */
function sessionApproaches({ bars, slice, stream, ranges, radius }: Approaches): SessionMoments {
  const { settings } = stream
  const day = beginSession(stream, slice.session)
  const walk = walkSession({ bars, slice, day, ranges, settings })
  const sink = momentSink()
  const touched = new Map<string, number>()
  let levels: readonly Level[] = []
  for (let slot = 0; slot < day.closeMinute - day.openMinute; slot++) {
    walk.advance(slot)
    const minute = day.openMinute + slot
    if (fromLast(day.minute, 0) === minute - 1 && slot > 0) {
      for (const { level } of touchesOf(day, levels, settings).touches) touched.set(levelKey(level), minute - 1)
    }
    levels = levelsAt(stream, minute)
    if (day.minute.length === day.preMarketBars) continue
    const market = walk.market(slot)
    for (const level of [...levels, ...roundsNear(market, radius, settings)].toSorted(compareLevels)) {
      const isFollowed = minute - (touched.get(levelKey(level)) ?? -Infinity) <= FOLLOWED_MINUTES
      const path = isFollowed ? null : pathOf(market, level, radius)
      if (path !== null) sink.add(market, path, -1)
    }
  }
  walk.advance(Infinity)
  return sink.finish(day, sessionBars(day, settings), settings)
}

function roundsNear({ spot }: MarketState, radius: number, { roundSpacing }: SignalSettings): Level[] {
  return Number.isNaN(spot) ? [] : roundLevels(spot - radius, spot + radius, roundSpacing)
}

/** The path of a level that has not been touched; null where it is too far or its side is unknown. */
function pathOf({ day, spot }: MarketState, { kind, price }: Level, radius: number): NamedPath | null {
  const sign = standingSign(day, price)
  if (sign === 0 || !within(Math.abs(spot - price), radius)) return null
  return { kind, price, sign, touchMinute: null, atr: null }
}
