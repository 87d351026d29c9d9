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

/** Names of the rules that sound rows must keep together, in the order in which they are looked at. */
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

/** What repairs a breach: an option of `readBars`, as the command line writes it; null where nothing does. */
export type BarRepairFlag = '--repair' | '--adjust' | '--stamps end' | '--price-unit cents' | null

/** One rule that rows which are sound one by one must keep together. */
export interface BarRule {
  readonly name: BarRuleName
  /** What it looks at, for a person. */
  readonly looksAt: string
  /** The number beyond which it is broken, and what it counts. */
  readonly limit: number
  readonly unit: string
  /** What the first row of a breach stands for. */
  readonly counts: 'bar' | 'session' | 'place' | 'file'
  readonly repair: BarRepairFlag
  /** Whether a breach is told but never refused. */
  readonly isNote: boolean
  readonly find: BreachFinder
}

type Row = Omit<BarRule, 'name' | 'find' | 'isNote'> & { readonly isNote?: boolean }

const rule = (name: BarRuleName, find: BreachFinder, row: Row): BarRule => ({ isNote: false, ...row, name, find })

/**
 * The rules, in the order in which they are looked at: what explains other breaches comes first. Limits are beyond all of
 * SPY's bars of 2024 and 2025, clock changes, half days and closing prints among them.
 */
export const BAR_RULES: readonly BarRule[] = [
  rule('bar-size', findBarSize, {
    looksAt: 'minutes between the bars of a regular session',
    limit: 1,
    unit: 'minutes, of which all distances are multiples',
    counts: 'session',
    repair: null,
  }),
  rule('end-stamps', findEndStamps, {
    looksAt: 'first and last bar of a session, and where its volume begins',
    limit: 0.5,
    unit: 'share of the sessions that show it',
    counts: 'session',
    repair: '--stamps end',
  }),
  rule('session-hours', findSessionHours, {
    looksAt: 'when a whole regular session begins in New York',
    limit: 30,
    unit: 'minutes from the open',
    counts: 'session',
    repair: null,
  }),
  rule('gaps', findGaps, {
    looksAt: 'absent minutes between the first and last bar of a session',
    limit: 0.1,
    unit: 'share of its minutes',
    counts: 'session',
    repair: null,
  }),
  rule('whole-prices', findWholePrices, {
    looksAt: 'whether all prices are whole numbers',
    limit: 30,
    unit: 'bars in a row that chance does not make',
    counts: 'file',
    repair: '--price-unit cents',
  }),
  rule('bad-bar', findBadBars, {
    looksAt: 'open and close beside the bars before and after',
    limit: BAD_SHARE,
    unit: "share of the price, or 25 deviations of the day's one-minute returns where that is more (at most 0.1)",
    counts: 'bar',
    repair: '--repair',
  }),
  rule('unit-change', findUnitChange, {
    looksAt: 'open beside the close before it, bad bars aside',
    limit: 0.1,
    unit: 'of the logarithm within a session, 0.15 overnight, up to 0.5 after longer pauses',
    counts: 'place',
    repair: '--adjust',
  }),
  rule('wick', findWicks, {
    looksAt: 'high and low beside open, close and the bars around',
    limit: 0.02,
    unit: "share of the price, or 25 deviations of the day's one-minute returns where that is more (at most 0.1)",
    counts: 'bar',
    repair: '--repair',
  }),
  rule('huge-volume', findHugeVolume, {
    looksAt: 'volume of a bar',
    limit: 1e10,
    unit: 'shares',
    counts: 'bar',
    repair: '--repair',
  }),
  rule('duplicate-session', findDuplicateSession, {
    looksAt: 'sessions with the same prices minute by minute',
    limit: 30,
    unit: 'bars in a row that chance does not make',
    counts: 'session',
    repair: '--repair',
  }),
  rule('missing-sessions', findMissingSessions, {
    looksAt: 'sessions of the calendar between the first and last day',
    limit: 0,
    unit: 'absent sessions',
    counts: 'session',
    repair: null,
    isNote: true,
  }),
]

/** Names of rules that can be accepted. */
export const ACCEPTABLE_RULES: readonly BarRuleName[] = BAR_RULES.filter(({ isNote }) => !isNote).map(
  ({ name }) => name,
)
