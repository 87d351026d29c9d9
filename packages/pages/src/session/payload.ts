import type { Stage } from '@breakwater/features/vocabulary'
import type { ByHorizon, IncomingSnapshot, ReachKey, Target } from '@breakwater/viewport'

/** A target of version 1: that of the viewport, times as integers. */
type TargetOfVersion1 = {
  readonly [Name in keyof Target]: bigint extends Target[Name] ? Exclude<Target[Name], bigint> | number : Target[Name]
}

type Interval = readonly [number, number] | null
type IntervalByHorizon = Readonly<Record<string, Interval>>

/** What version 2 of the payload adds to a target. */
interface TargetSinceVersion2 {
  /** The moment that the numbers are about. */
  readonly as_of_ts_ns: number | null
  /** Seconds since the touch minute began. */
  readonly elapsed_s: number | null
  /** Whether outcomes are those of a touch now, or given the path since the touch. */
  readonly condition: 'given_touch' | 'since_touch'
  readonly source: 'law' | 'heads' | null
  /** P(the level is touched) by horizon; null after a touch. */
  readonly p_touch: ByHorizon | null
  /** By head, why its number is 0, 1 or null. */
  readonly settled: Readonly<Record<string, 'reached' | 'over' | 'unreachable'>>
  readonly intervals: {
    readonly p_tradeable_2: Interval
    readonly p_break: Interval
    readonly p_bounce: Interval
    readonly p_break_given_tradeable: Interval
    readonly p_touch: IntervalByHorizon | null
    readonly time_to_threshold: Readonly<Record<ReachKey, IntervalByHorizon>>
  } | null
  /** Expected signed excursion from the price now, dollars in the direction of a break. */
  readonly strength_ahead: number | null
  /** Expected furthest move from the price now, dollars, the larger way; and less what trading costs. */
  readonly expected_move: number | null
  readonly utility_net: number | null
}

/** A target as a payload has it, of version 1 or 2. */
export type PublishedTarget = TargetOfVersion1 & Partial<TargetSinceVersion2>

/** What the live page reads of the `viewport` of a payload. */
export interface PublishedViewport {
  readonly version: number
  readonly timeframe: string
  readonly models: Readonly<Record<Stage, string | null>>
  readonly error: { readonly code: string; readonly message: string } | null
  readonly targets: readonly PublishedTarget[]
  /** What orders the targets, and what trading costs, dollars; version 2. */
  readonly utility?: { readonly order: string; readonly cost: number }
}

/** What the live page reads of a payload. */
export type Payload = IncomingSnapshot & { readonly viewport?: PublishedViewport | undefined }

const NS_PER_MS = 1e6

/** Milliseconds since 1970 of a payload's nanoseconds; null stays null. */
export function msOf(ns: number): number
export function msOf(ns: number | null): number | null
export function msOf(ns: number | null): number | null {
  return ns === null ? null : Math.round(ns / NS_PER_MS)
}
