import { meanOfMeans, type SessionSums } from '@breakwater/calibration'
import { type Anchor, ANCHORS, headName } from '@breakwater/features'
import type { Score } from '../documents/figures.ts'
import { LEVEL, type Resampling, SAMPLES } from '../score.ts'
import {
  checkCost,
  checkLeast,
  HOLD_SECONDS,
  resampled,
  RULE_COST,
  type RuleForecasts,
  ruleOffers,
  totalOf,
  type Trades,
  tradesOf,
} from './rule-trades.ts'

/** Least forecasts that a touch is tradeable from which a rule may trade, by default. Fixed in advance: none is chosen by what came of it. */
const RULE_THRESHOLDS: readonly number[] = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7]

/** What a rule trades on. */
export interface RuleInput extends RuleForecasts {
  /** Least forecasts that a touch is tradeable, in [0, 1]. Default 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5 and 0.7. */
  readonly least?: readonly number[] | undefined
  /** Dollars a share and trade, at least 0. Default {@link RULE_COST}. */
  readonly cost?: number | undefined
  readonly resampling: Resampling
}

/** What came of one rule. Dollars a share, after costs. */
export interface RuleEquity extends Omit<Trades, 'sums'> {
  readonly anchor: Anchor
  /** The least forecast that a touch is tradeable. */
  readonly least: number
  readonly perTrade: Score
  readonly total: Score
  /** By session: the sum of its trades and of all before, and its interval. */
  readonly cumulative: readonly number[]
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
}

/** Rules that differ in their anchor and in the least forecast. */
export interface RuleEquities {
  readonly cost: number
  readonly holdSeconds: number
  /** Resamples of an interval, and its level. */
  readonly samples: number
  readonly level: number
  /** Sessions with forecasts, in time order. */
  readonly dates: readonly string[]
  /** By anchor, then by rising `least`. */
  readonly rules: readonly RuleEquity[]
}

/**
 * What a simple rule would have earned with forecasts of rows that their models had not seen: at the anchor of each touch where the served
 * P(the second threshold is reached) is at least `least`, it takes what {@link ruleOffers} offers: one share in the direction of a break
 * where the served P(break | reached) is at least one half, else in that of a bounce, for five minutes. A trade comes to
 * side x (`future_price` - `anchor_spot`) - `cost` dollars.
 *
 * It is a reading of forecasts, no backtest: trades overlap, both prices are last closes of one-minute bars, and nothing is said of fills or
 * slippage beyond the cost.
 *
 * `cumulative` is by session. Its interval at a session is the percentile interval of the sum of the sessions so far, which are resampled whole
 * (`sessionBlockBootstrap`), null before the second; a session without a trade counts with 0. `perTrade` is dollars by trades, null in
 * resamples without one.
 *
 * Anchors without these heads or prices are left out. Throws RangeError on predictions of validation rows, which have chosen the number of trees, and on a bad `cost` or `least`. Each trade is known
 * five minutes after its anchor. Cost: rows x rules + samples x sessions^2 x rules.
 */
export function ruleEquities(input: RuleInput): RuleEquities {
  const { predictions, least = RULE_THRESHOLDS, cost = RULE_COST, resampling } = input
  checkCost(cost)
  for (const share of least) checkLeast(share)
  const { samples = SAMPLES, level = LEVEL, seed } = resampling
  const { dates, at } = ruleOffers(input)
  const sessions = dates.length
  const rules = ANCHORS.flatMap((anchor) => {
    const forecasts = predictions.served.get(headName({ kind: 'tradeable_2' }, anchor))
    const offers = at(anchor)
    if (forecasts === undefined || offers === null) return []
    return least
      .toSorted((a, b) => a - b)
      .map((share) => ({ anchor, least: share, ...tradesOf(offers, { forecasts, least: share, cost, sessions }) }))
  })
  const bands = bandsOf(
    rules.map(({ sums }) => sums),
    sessions,
    { seed, samples, level },
  )
  return {
    cost,
    holdSeconds: HOLD_SECONDS,
    samples,
    level,
    dates,
    rules: rules.map(({ sums, ...rule }, r) => ({ ...rule, ...(bands[r] as Band), cumulative: summedUp(sums.values) })),
  }
}

function summedUp(values: readonly number[]): number[] {
  let total = 0
  return values.map((value) => (total += value))
}

type Band = Pick<RuleEquity, 'perTrade' | 'total' | 'low' | 'high'>

/** The intervals of each rule. */
function bandsOf(
  rules: readonly SessionSums[],
  sessions: number,
  options: { readonly seed: number; readonly samples: number; readonly level: number },
): Band[] {
  const sums = rules.map(({ values }) => totalOf(values))
  const totals = Array.from({ length: sessions }, (_, s) => resampled(sums, s + 1, options))
  const perTrade = resampled(
    rules.map((rule) => meanOfMeans([rule])),
    sessions,
    options,
  )
  return rules.map((_, r) => {
    const along = totals.map((scores) => scores[r] as Score)
    return {
      perTrade: perTrade[r] as Score,
      total: along.at(-1) as Score,
      low: along.map(({ low }) => low),
      high: along.map(({ high }) => high),
    }
  })
}
