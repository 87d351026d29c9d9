import { type SessionScore, sessionBlockBootstrap, type SessionSums } from '@breakwater/calibration'
import {
  type Anchor,
  atAnchor,
  headName,
  numbersOf,
  reaches,
  signOf,
  stringsOf,
  type Table,
  type Thresholds,
  timesOf,
} from '@breakwater/features'
import { locate, type Predictions } from '@breakwater/models'
import { UTILITY_COST } from '@breakwater/viewport'
import type { Score } from '../documents/figures.ts'

/** Seconds that a trade is held: `future_price` of the signals is the last close known then. */
export const HOLD_SECONDS = 300

/** Dollars a share and trade, in and out together, by default: what `utility_net` of a payload is less by. */
export const RULE_COST: number = UTILITY_COST

/** Forecasts that a rule acts on, and the signals that they are of. */
export interface RuleForecasts {
  readonly table: Table
  /** Of test rows. */
  readonly predictions: Predictions
  /** The two reach thresholds of the heads, dollars. */
  readonly thresholds: Thresholds
}

/** A touch that a rule could trade at an anchor. */
export interface Offer {
  /** Among the predictions. */
  readonly place: number
  readonly row: number
  /** Among the sessions of the predictions. */
  readonly session: number
  /** Nanoseconds since 1970 of the touch: trades of one anchor begin as far apart as their touches. */
  readonly ts: bigint
  /** Dollars before costs; NaN where the price five minutes later is not known. */
  readonly move: number
}

/** All touches that a rule could trade. */
export interface Offers {
  /** Sessions with forecasts, in time order. */
  readonly dates: readonly string[]
  /** In time order; null at an anchor without a direction or without prices. */
  readonly at: (anchor: Anchor) => readonly Offer[] | null
}

/**
 * What a rule could trade: at the anchor of each touch one share in the direction of a break where the served P(break | reached) is at least
 * one half, else in that of a bounce, held for five minutes: side x (`future_price` - `anchor_spot`) dollars. A touch that has reached the
 * second threshold by the anchor, or has no price or direction there, is not offered. Throws RangeError on predictions of validation rows,
 * which have chosen the number of trees. Cost: linear in rows.
 */
export function ruleOffers(forecasts: RuleForecasts): Offers {
  const { table, predictions } = forecasts
  if (predictions.role !== 'test')
    throw new RangeError(
      `evaluation: predictions.role=${predictions.role}: must be test: validation rows have chosen the number of trees. Train with test dates.`,
    )
  const rowOf = locate(table, predictions)
  const allDates = stringsOf(table, 'date')
  const dates = [...new Set(Array.from(rowOf, (row) => allDates[row] as string))].toSorted()
  const placeOf = new Map(dates.map((date, place) => [date, place]))
  const sessionOf = (row: number): number => placeOf.get(allDates[row] as string) as number
  const found = new Map<Anchor, readonly Offer[] | null>()
  return {
    dates,
    at(anchor) {
      const offers = found.get(anchor) ?? offersOf(forecasts, { anchor, rowOf, sessionOf })
      found.set(anchor, offers)
      return offers
    },
  }
}

interface Place {
  readonly anchor: Anchor
  readonly rowOf: Int32Array
  readonly sessionOf: (row: number) => number
}

function offersOf(
  { table, predictions, thresholds: [, far] }: RuleForecasts,
  { anchor, rowOf, sessionOf }: Place,
): readonly Offer[] | null {
  const breaks = predictions.served.get(headName({ kind: 'direction' }, anchor))
  const [spot, future] = pricesAt(table, anchor)
  if (breaks === undefined || spot === undefined || future === undefined) return null
  const [level, direction, ts] = [
    numbersOf(table, 'level_price'),
    stringsOf(table, 'direction'),
    timesOf(table, 'ts_ns'),
  ]
  const offers = Array.from(rowOf, (row, place): Offer | null => {
    const [q, entry] = [breaks[place] as number, spot[row] as number]
    const away = Math.abs(entry - (level[row] as number))
    if (Number.isNaN(q) || Number.isNaN(away) || reaches(away, far)) return null
    const side = signOf(direction[row]) * (q >= 0.5 ? 1 : -1)
    return {
      place,
      row,
      session: sessionOf(row),
      ts: ts[row] as bigint,
      move: side * ((future[row] as number) - entry),
    }
  })
  return offers
    .filter((offer) => offer !== null)
    .toSorted((a, b) => (a.ts === b.ts ? a.row - b.row : a.ts < b.ts ? -1 : 1))
}

/** Prices of a trade: where it begins, and where it ends. The columns of the primary anchor stand under two names. */
const pricesAt = (table: Table, anchor: Anchor): (Float64Array | undefined)[] =>
  ['anchor_spot', 'future_price'].map((name) => {
    const column = [`${name}_${anchor}`, atAnchor(name, anchor)].find((one) => one in table.columns)
    return column === undefined ? undefined : numbersOf(table, column)
  })

/** Which of the offers a rule takes. */
export interface Rule {
  /** A forecast by place among the predictions. */
  readonly forecasts: Float64Array
  /** It is at least this. */
  readonly least: number
  /** Dollars a share and trade. */
  readonly cost: number
  /** How many sessions there are. */
  readonly sessions: number
}

/** What came of the offers that a rule takes, dollars a share after costs. */
export interface Trades {
  readonly trades: number
  /** Trades that begin before an earlier one of the rule has ended. */
  readonly overlapping: number
  /** Touches that the rule would have taken and whose price five minutes later is not known; they are left out. */
  readonly unresolved: number
  /** Share of trades above 0; null without a trade. */
  readonly won: number | null
  /** By session: dollars, and trades. */
  readonly sums: SessionSums
}

const HOLD_NS = BigInt(HOLD_SECONDS) * 1_000_000_000n

/** The trades of a rule. Cost: linear in offers. */
export function tradesOf(offers: readonly Offer[], { forecasts, least, cost, sessions }: Rule): Trades {
  const taken = offers.filter(({ place }) => (forecasts[place] as number) >= least)
  const trades = taken.filter(({ move }) => !Number.isNaN(move))
  const values = Array.from({ length: sessions }, () => 0)
  const rows = Array.from({ length: sessions }, () => 0)
  for (const { session, move } of trades) {
    values[session] = (values[session] as number) + move - cost
    rows[session] = (rows[session] as number) + 1
  }
  return {
    trades: trades.length,
    overlapping: trades.filter(({ ts }, i) => i > 0 && ts - (trades[i - 1] as Offer).ts < HOLD_NS).length,
    unresolved: taken.length - trades.length,
    won: trades.length === 0 ? null : trades.filter(({ move }) => move - cost > 0).length / trades.length,
    sums: { values, rows },
  }
}

/** The sum of a value a session, for a bootstrap of whole sessions. */
export const totalOf =
  (values: readonly number[]): SessionScore =>
  () =>
  (draws) => {
    let total = 0
    for (let session = 0; session < draws.length; session++)
      total += (draws[session] as number) * (values[session] as number)
    return total
  }

/** Scores of the first sessions with their percentile intervals from whole sessions, the same draws for all of them. */
export function resampled(
  scores: readonly SessionScore[],
  sessions: number,
  options: { readonly seed: number; readonly samples: number; readonly level: number },
): Score[] {
  const drawn = sessionBlockBootstrap(
    Int32Array.from({ length: sessions }, (_, s) => s),
    Object.fromEntries(scores.map((score, i) => [String(i), score])),
    options,
  )
  return scores.map((_, i) => {
    const { estimate, low, high, reason } = drawn[String(i)] as Score
    return { estimate, low, high, ...(reason === undefined ? {} : { reason }) }
  })
}

/** Throws RangeError unless `cost` is dollars of at least 0. */
export function checkCost(cost: number): void {
  if (cost >= 0 && cost < Infinity) return
  throw new RangeError(`evaluation: cost=${cost}: must be dollars of at least 0 a trade.`)
}

/** Throws RangeError unless `share` is one, from 0 to 1. */
export function checkLeast(share: number): void {
  if (share >= 0 && share <= 1) return
  throw new RangeError(`evaluation: least=${share}: must be a share from 0 to 1.`)
}
