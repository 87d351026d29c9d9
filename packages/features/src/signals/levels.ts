import { LEVEL_KINDS, type LevelKind } from '../vocabulary/words.ts'
import type { DayState } from './day.ts'
import { smaBack } from './sma.ts'

/** A price at which something may happen. */
export interface Level {
  readonly kind: LevelKind
  readonly price: number
}

/** The code of a kind in the column `level_kind`. */
export function levelCode(kind: LevelKind): number {
  return LEVEL_KINDS.indexOf(kind)
}

/**
 * The identity of a level within a day: the kind for levels of which there is one at a time (they may move), kind
 * and price for round levels and strikes.
 */
export function levelKey({ kind, price }: Level): string {
  return kind === 'ROUND' || kind === 'STRIKE' ? `${kind} ${price.toFixed(2)}` : kind
}

/** Total order of levels: by code, then price. */
export function compareLevels(a: Level, b: Level): number {
  return levelCode(a.kind) - levelCode(b.kind) || a.price - b.price
}

/**
 * The levels of `day` that bars alone define, as known at the start of `minute`, when all bars added have ended and
 * `advanceDay` was called with the time: pre-market high and low (from 09:30; only where there are pre-market bars),
 * opening range (from `openingRangeMinutes` after the open), session high and low so far, VWAP so far (typical price by
 * volume over the regular session), SMA 200 and 400. A level whose value is not known is not in the list.
 */
export function barLevels(day: DayState, minute: number, openingRangeMinutes: number): Level[] {
  const sinceOpen = minute - day.openMinute
  const preMarket = sinceOpen >= 0 ? day.preMarket : undefined
  const openingRange = sinceOpen >= openingRangeMinutes ? day.openingRange : undefined
  const levels: [LevelKind, number | undefined][] = [
    ['PM_HIGH', preMarket?.high],
    ['PM_LOW', preMarket?.low],
    ['OR_HIGH', openingRange?.high],
    ['OR_LOW', openingRange?.low],
    ['SESSION_HIGH', day.session.high],
    ['SESSION_LOW', day.session.low],
    ['SMA_200', smaBack(day.sma, 0, 0)],
    ['VWAP', day.volume > 0 ? day.priceVolume / day.volume : undefined],
    ['SMA_400', smaBack(day.sma, 1, 0)],
  ]
  return levels.flatMap(([kind, price = Number.NaN]) => (Number.isNaN(price) ? [] : [{ kind, price }]))
}

/** Every multiple of `spacing` (whole cents) in [low, high], ascending. */
export function roundLevels(low: number, high: number, spacing: number): Level[] {
  const step = Math.round(spacing * 100)
  const levels: Level[] = []
  const last = Math.floor((high * 100 + 1e-6) / step)
  for (let k = Math.ceil((low * 100 - 1e-6) / step); k <= last; k++) {
    if (k > 0) levels.push({ kind: 'ROUND', price: (k * step) / 100 })
  }
  return levels
}
