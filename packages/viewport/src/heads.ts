import { reaches } from './price.ts'
import type { ReachKey } from './target.ts'

/** Anchor of the heads that are served, and how long after the touch minute's start a touch is confirmed. */
export type Timeframe = '2min' | '4min' | '8min'

/** Seconds from the touch minute's start to each anchor. */
export const TIMEFRAME_SECONDS: Readonly<Record<Timeframe, number>> = { '2min': 120, '4min': 240, '8min': 480 }

/** One reach head: its name without the anchor, and its place among a predictor's heads, -1 where it is missing. */
export interface ReachPlace {
  readonly head: string
  /** Seconds as text, the key of the payload. */
  readonly horizon: string
  readonly place: number
}

/** Where the payload's answers stand among a predictor's heads; -1 where a head is missing. */
export interface HeadPlaces {
  readonly tradeable: number
  readonly direction: number
  readonly strength: number
  readonly reach: Readonly<Record<ReachKey, readonly ReachPlace[]>>
  /** Names of the heads that the payload has fields for and the predictor has not. */
  readonly missing: readonly string[]
}

/**
 * Places of the heads of a timeframe by their names: `direction`, `t1_break_60s`; with `_2min` or `_8min` for the anchors that
 * are not the primary one. Heads that the payload has no field for are left alone.
 */
export function headPlaces(heads: readonly string[], timeframe: Timeframe, horizons: readonly number[]): HeadPlaces {
  const missing: string[] = []
  const suffix = timeframe === '4min' ? '' : `_${timeframe}`
  const placeOf = (base: string): number => {
    const place = heads.indexOf(base + suffix)
    if (place < 0) missing.push(base + suffix)
    return place
  }
  const reach = (key: ReachKey): ReachPlace[] =>
    horizons.map((seconds) => {
      const head = `${key}_${seconds}s`
      return { head, horizon: String(seconds), place: placeOf(head) }
    })
  return {
    tradeable: placeOf('tradeable_2'),
    direction: placeOf('direction'),
    strength: placeOf('strength_signed'),
    reach: {
      t1: reach('t1'),
      t2: reach('t2'),
      t1_break: reach('t1_break'),
      t1_bounce: reach('t1_bounce'),
      t2_break: reach('t2_break'),
      t2_bounce: reach('t2_bounce'),
    },
    missing,
  }
}

/**
 * The places without the heads that cannot be asked, of a row from which price was `moved` dollars beyond the level at the
 * anchor (negative before it): training leaves a row out where the threshold lay behind the price already, so an answer
 * would mean nothing.
 */
export function askablePlaces(places: HeadPlaces, moved: number, [one, two]: readonly [number, number]): HeadPlaces {
  const { reach, tradeable, direction } = places
  const isTwo = reaches(Math.abs(moved), two)
  return {
    ...places,
    tradeable: isTwo ? -1 : tradeable,
    direction: isTwo ? -1 : direction,
    reach: {
      t1: reaches(Math.abs(moved), one) ? withoutPlace(reach.t1) : reach.t1,
      t2: isTwo ? withoutPlace(reach.t2) : reach.t2,
      t1_break: reaches(moved, one) ? withoutPlace(reach.t1_break) : reach.t1_break,
      t1_bounce: reaches(-moved, one) ? withoutPlace(reach.t1_bounce) : reach.t1_bounce,
      t2_break: reaches(moved, two) ? withoutPlace(reach.t2_break) : reach.t2_break,
      t2_bounce: reaches(-moved, two) ? withoutPlace(reach.t2_bounce) : reach.t2_bounce,
    },
  }
}

const withoutPlace = (heads: readonly ReachPlace[]): readonly ReachPlace[] =>
  heads.map((head) => ({ ...head, place: -1 }))
