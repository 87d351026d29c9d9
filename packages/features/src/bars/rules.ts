import { BAD_SHARE, findBadBars, findHugeVolume, findUnitChange, findWholePrices, findWicks } from './price-rules.ts'
import {
  findBarSize,
  findDuplicateSession,
  findEndStamps,
  findGaps,
  findMissingSessions,
  findSessionHours,
} from './time-rules.ts'
import type { BreachFinder } from './time-rules.ts'

/** Names of the rules that rows must keep together, in the order in which they are checked. */
export const BAR_RULE_NAMES = [
  'bar-size',
  'end-stamps',
  'session-hours',
  'gaps',
  'whole-prices',
  'bad-bar',
  'unit-change',
  'wick',
  'huge-volume',
  'duplicate-session',
  'missing-sessions',
] as const
/** One of {@link BAR_RULE_NAMES}. */
export type BarRuleName = (typeof BAR_RULE_NAMES)[number]

/** What repairs a breach: an option of `readBars`, as the command line writes it; null if nothing does. */
export type BarRepairFlag = '--repair' | '--adjust' | '--stamps end' | '--price-unit cents' | null

/** A rule about rows together, each of which is sound by itself. */
export interface BarRule {
  readonly name: BarRuleName
  /** What it looks at, for a person. */
  readonly looksAt: string
  /** The rule is broken beyond this number; `unit` says what the number counts. */
  readonly limit: number
  readonly unit: string
  /** What the first row of a breach stands for. */
  readonly counts: 'bar' | 'session' | 'place' | 'file'
  readonly repair: BarRepairFlag
  /** Whether a breach is only reported, and never refused. */
  readonly isNote: boolean
  readonly find: BreachFinder
}

type Row = Omit<BarRule, 'name' | 'find' | 'isNote'> & { readonly isNote?: boolean }

const rule = (name: BarRuleName, find: BreachFinder, row: Row): BarRule => ({ isNote: false, ...row, name, find })

/**
 * The rules, in the order in which they are checked: a rule whose breach explains others comes first. All of SPY's bars of 2024 and
 * 2025 are within the limits, including clock changes, half days and closing prints.
 */
export const BAR_RULES: readonly BarRule[] = [
  rule('bar-size', findBarSize, {
    looksAt: 'minutes between the bars of a regular session',
    limit: 1,
    unit: 'minutes, the largest number that divides all distances',
    counts: 'session',
    repair: null,
  }),
  rule('end-stamps', findEndStamps, {
    looksAt: 'the first and last bar of a session, and the minute of its opening volume',
    limit: 0.5,
    unit: 'share of the sessions that show which end is stamped',
    counts: 'session',
    repair: '--stamps end',
  }),
  rule('session-hours', findSessionHours, {
    looksAt: 'the New York time at which a whole regular session begins',
    limit: 30,
    unit: 'minutes from the open',
    counts: 'session',
    repair: null,
  }),
  rule('gaps', findGaps, {
    looksAt: 'missing minutes between the first and last bar of a session',
    limit: 0.1,
    unit: 'share of its minutes',
    counts: 'session',
    repair: null,
  }),
  rule('whole-prices', findWholePrices, {
    looksAt: 'whether all prices are whole numbers',
    limit: 30,
    unit: 'bars in a row, more than chance explains',
    counts: 'file',
    repair: '--price-unit cents',
  }),
  rule('bad-bar', findBadBars, {
    looksAt: 'open and close, compared with the bars before and after',
    limit: BAD_SHARE,
    unit: "share of the price, or 25 standard deviations of the day's one-minute returns if that is more (at most 0.1)",
    counts: 'bar',
    repair: '--repair',
  }),
  rule('unit-change', findUnitChange, {
    looksAt: 'open, compared with the close before it, without bad bars',
    limit: 0.1,
    unit: 'change of the log price within a session; 0.15 overnight, up to 0.5 after longer pauses',
    counts: 'place',
    repair: '--adjust',
  }),
  rule('wick', findWicks, {
    looksAt: 'high and low, compared with open, close and the neighbouring bars',
    limit: 0.02,
    unit: "share of the price, or 25 standard deviations of the day's one-minute returns if that is more (at most 0.1)",
    counts: 'bar',
    repair: '--repair',
  }),
  rule('huge-volume', findHugeVolume, {
    looksAt: 'the volume of a bar',
    limit: 1e10,
    unit: 'shares',
    counts: 'bar',
    repair: '--repair',
  }),
  rule('duplicate-session', findDuplicateSession, {
    looksAt: 'sessions with the same prices minute by minute',
    limit: 30,
    unit: 'bars in a row, more than chance explains',
    counts: 'session',
    repair: '--repair',
  }),
  rule('missing-sessions', findMissingSessions, {
    looksAt: 'sessions of the calendar between the first and last day',
    limit: 0,
    unit: 'missing sessions',
    counts: 'session',
    repair: null,
    isNote: true,
  }),
]

/** Names of rules that can be accepted. */
export const ACCEPTABLE_RULES: readonly BarRuleName[] = BAR_RULES.filter(({ isNote }) => !isNote).map(
  ({ name }) => name,
)
