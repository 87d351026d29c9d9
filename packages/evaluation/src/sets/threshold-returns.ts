import { meanOfMeans, type SessionSums } from '@breakwater/calibration'
import { parseHeadName } from '@breakwater/features'
import type { Score } from '../documents/figures.ts'
import { LEVEL, type Resampling, SAMPLES } from '../score.ts'
import {
  checkCost,
  checkLeast,
  HOLD_SECONDS,
  resampled,
  type RuleForecasts,
  ruleOffers,
  totalOf,
  type Trades,
  tradesOf,
} from './rule-trades.ts'

/** A head with the thresholds to act from. */
export interface HeadThresholds {
  readonly name: string
  /** Least forecasts, in [0, 1]. */
  readonly least: readonly number[]
}

/** What {@link thresholdReturns} reads. */
export interface ThresholdInput extends RuleForecasts {
  /** Binary heads. */
  readonly heads: readonly HeadThresholds[]
  /** Dollars a share and trade, each at least 0. */
  readonly costs: readonly number[]
  readonly resampling: Resampling
}

/** What came of acting on a head's forecasts from a threshold on, dollars a share. */
export interface ThresholdReturn extends Pick<Trades, 'trades' | 'overlapping' | 'unresolved'> {
  readonly least: number
  /** After each of the costs. */
  readonly perTrade: readonly Score[]
  readonly total: readonly Score[]
}

/** What came of acting from each threshold of each head. */
export interface ThresholdReturns {
  readonly costs: readonly number[]
  readonly holdSeconds: number
  readonly samples: number
  readonly level: number
  /** How many sessions there are. */
  readonly sessions: number
  /** By head, in the order of its thresholds. A head whose anchor offers nothing to trade is left out. */
  readonly heads: ReadonlyMap<string, readonly ThresholdReturn[]>
}

/**
 * What it makes or loses to act where a head's served forecast is at least a threshold: of what {@link ruleOffers} offers at the head's anchor,
 * take the touches whose forecast is, whether or not the head has an outcome for them. For `tradeable_2` this is the rule of
 * {@link ruleEquities}. `perTrade` is dollars by trades, `total` their sum, each after every cost, with the percentile interval of whole
 * sessions resampled (`sessionBlockBootstrap`), the same draws throughout. Throws RangeError as {@link ruleEquities} does.
 * Cost: heads x thresholds x (rows + samples x sessions x costs).
 */
export function thresholdReturns(input: ThresholdInput): ThresholdReturns {
  const { predictions, heads, costs, resampling } = input
  for (const cost of costs) checkCost(cost)
  for (const { least } of heads) for (const share of least) checkLeast(share)
  const { samples = SAMPLES, level = LEVEL, seed } = resampling
  const { dates, at } = ruleOffers(input)
  const sessions = dates.length
  const returns = new Map<string, readonly ThresholdReturn[]>()
  for (const { name, least } of heads) {
    const anchor = parseHeadName(name)?.anchor
    const forecasts = predictions.served.get(name)
    const offers = anchor === undefined ? null : at(anchor)
    if (forecasts === undefined || offers === null) continue
    const taken = least.map((share) => tradesOf(offers, { forecasts, least: share, cost: 0, sessions }))
    const after = taken.flatMap(({ sums }) => costs.map((cost) => lessCost(sums, cost)))
    const scores = [...after.map((sums) => meanOfMeans([sums])), ...after.map(({ values }) => totalOf(values))]
    const all = resampled(scores, sessions, { seed, samples, level })
    const part = (nth: number): Score[] => all.slice(nth * costs.length, (nth + 1) * costs.length)
    returns.set(
      name,
      taken.map(({ trades, overlapping, unresolved }, t) => ({
        least: least[t] as number,
        trades,
        overlapping,
        unresolved,
        perTrade: part(t),
        total: part(taken.length + t),
      })),
    )
  }
  return { costs, holdSeconds: HOLD_SECONDS, samples, level, sessions, heads: returns }
}

/** Sums of trades that each cost more. */
const lessCost = ({ values, rows }: SessionSums, cost: number): SessionSums => ({
  rows,
  values: Array.from(values, (value, s) => value - cost * (rows[s] as number)),
})
