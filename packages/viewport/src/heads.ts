import {
  type Anchor,
  type HeadQuestion,
  headName,
  PRIMARY_ANCHOR,
  type Reach,
  reachHead,
  reaches,
  type Thresholds,
} from '@breakwater/features/vocabulary'
import type { ReachKey } from './target.ts'

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
 * Places of the heads of an anchor by their names. Heads that the payload has no field for are left alone.
 */
export function headPlaces(heads: readonly string[], anchor: Anchor, horizons: readonly number[]): HeadPlaces {
  const missing: string[] = []
  const placeOf = (question: HeadQuestion): number => {
    const name = headName(question, anchor)
    const place = heads.indexOf(name)
    if (place < 0) missing.push(name)
    return place
  }
  const reach = (threshold: Reach['threshold'], side: Reach['side']): ReachPlace[] =>
    horizons.map((horizon) => {
      const question = { kind: 'reach', threshold, side, horizon } as const
      return { head: headName(question, PRIMARY_ANCHOR), horizon: String(horizon), place: placeOf(question) }
    })
  return {
    tradeable: placeOf({ kind: 'tradeable_2' }),
    direction: placeOf({ kind: 'direction' }),
    strength: placeOf({ kind: 'strength_signed' }),
    reach: {
      t1: reach(1, 'either'),
      t2: reach(2, 'either'),
      t1_break: reach(1, 'break'),
      t1_bounce: reach(1, 'bounce'),
      t2_break: reach(2, 'break'),
      t2_bounce: reach(2, 'bounce'),
    },
    missing,
  }
}

/** Where a path forecaster's answers stand; -1 where one is missing. */
export interface PathPlaces extends HeadPlaces {
  readonly pBreak: number
  readonly pBounce: number
  readonly aheadBreak: number
  readonly aheadBounce: number
  readonly touch: readonly ReachPlace[]
}

/** Places of a forecaster's answers by their names. */
export function pathPlaces(heads: readonly string[], horizons: readonly number[]): PathPlaces {
  return {
    ...headPlaces(heads, PRIMARY_ANCHOR, horizons),
    pBreak: heads.indexOf('p_break'),
    pBounce: heads.indexOf('p_bounce'),
    aheadBreak: heads.indexOf('ahead_break'),
    aheadBounce: heads.indexOf('ahead_bounce'),
    touch: horizons.map((horizon) => {
      const head = reachHead('p_touch', horizon)
      return { head, horizon: String(horizon), place: heads.indexOf(head) }
    }),
  }
}

/**
 * The places without the heads that cannot be asked, of a row from which price was `moved` dollars beyond the level at the
 * anchor (negative before it): training leaves a row out where the threshold lay behind the price already, so an answer
 * would mean nothing.
 */
export function askablePlaces(places: HeadPlaces, moved: number, [one, two]: Thresholds): HeadPlaces {
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
