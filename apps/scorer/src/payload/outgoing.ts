import { type Anchor, ANCHORS, DIRECTIONS, type Stage, STAGES } from '@breakwater/features'
import {
  type RejectedLevel,
  SNAPSHOT_ERRORS,
  type SnapshotErrorCode,
  type Target,
  type TargetError,
  type TargetState,
} from '@breakwater/viewport'
import { z } from 'zod'

/**
 * Version of the `viewport` part of a payload. It rises when a reader of the older layout would misread the newer one.
 */
export const VIEWPORT_VERSION = 1 as const

const probability = z.number().min(0).max(1)
const maybe = probability.nullable()
const dollars = z.number().nullable()
const interval = z.tuple([z.number(), z.number()]).nullable().describe('Both ends included.')
const reach = z
  .record(z.string().regex(/^[1-9]\d*$/), maybe)
  .meta({ id: 'by_horizon', description: 'Probability by horizon in seconds; null where the head is missing.' })
/** Nanoseconds as an integer of JSON. Beyond 2^53 zod's own integer refuses; JSON's does not. */
export const nanosecondsSchema: z.ZodNumber = z
  .number()
  .positive()
  .refine((value) => Number.isInteger(value), 'must be an integer')
  .describe('Nanoseconds since 1970 UTC, of whole milliseconds: the decimal text is exact.')
const nanoseconds = nanosecondsSchema.nullable()
const stage = z.enum(STAGES)

// Written as objects, so that the compiler finds one that is left out.
const states = {
  FAR: 'FAR',
  APPROACHING: 'APPROACHING',
  IN_MONITOR_BAND: 'IN_MONITOR_BAND',
  TOUCH: 'TOUCH',
  CONFIRMATION: 'CONFIRMATION',
  RESOLVED: 'RESOLVED',
} as const satisfies { [Name in TargetState]: Name }
const targetErrors = {
  no_bars: 'no_bars',
  stale_bars: 'stale_bars',
  future_bars: 'future_bars',
  no_side: 'no_side',
  no_touch_row: 'no_touch_row',
  row_failed: 'row_failed',
  no_models: 'no_models',
  encode_failed: 'encode_failed',
  predict_failed: 'predict_failed',
  head_failed: 'head_failed',
  retrieval_failed: 'retrieval_failed',
  mix_failed: 'mix_failed',
} as const satisfies { [Name in TargetError]: Name }

/** Why a tick is refused. */
export type TickErrorCode = SnapshotErrorCode | 'failed'
const tickErrors: readonly TickErrorCode[] = [...SNAPSHOT_ERRORS, 'failed']

/** One published target: that of the viewport, times as integers. */
export interface TargetPayload extends Omit<Target, 'touch_ts_ns' | 'confirm_ts_ns'> {
  /** Nanoseconds since 1970, of whole milliseconds. */
  readonly touch_ts_ns: number | null
  readonly confirm_ts_ns: number | null
}

/** The `viewport` of a payload. */
export interface ViewportPayload {
  readonly version: typeof VIEWPORT_VERSION
  /** Time of the snapshot, milliseconds since 1970 UTC; null where it has none. */
  readonly ts: number | null
  readonly timeframe: Anchor
  /** SHA-256 of the metadata that lists the bundles of each stage; null where none is loaded. */
  readonly models: Readonly<Record<Stage, string | null>>
  /** Why the whole tick is refused; null where it was scored. */
  readonly error: { readonly code: TickErrorCode; readonly message: string } | null
  /** By falling utility; without one after the others, by falling relevance. */
  readonly targets: readonly TargetPayload[]
  readonly rejected: readonly RejectedLevel[]
}

const ensemble = z
  .strictObject({
    mix_weight: probability.describe('Weight of the trees; 1 where the neighbours have no say.'),
    disagreement_penalty: probability,
    difference: maybe,
    contributions: z.strictObject({ tree: z.number(), neighbours: z.number(), shrinkage: z.number() }),
    reason: z.string().nullable(),
  })
  .nullable()

const mask = z
  .strictObject({
    allow_break: z.boolean(),
    allow_bounce: z.boolean(),
    break_logit_bias: z.number(),
    break_shift: z.number().nullable(),
    rules: z.array(z.strictObject({ rule: z.enum(['barrier', 'gamma']), bias: z.number(), reason: z.string() })),
  })
  .nullable()

const retrieval = z
  .looseObject({
    p_break: maybe,
    p_bounce: maybe,
    p_break_given_tradeable: maybe,
    p_tradeable_2: maybe,
    strength_signed_mean: dollars,
    strength_abs_mean: dollars,
    similarity: maybe,
    entropy: maybe,
    distance_percentile: maybe,
    found: z.int().min(0),
    k: z.int().min(1),
    neighbours: z.array(z.looseObject({ event_id: z.string(), ts_ns: nanoseconds, distance: z.number().min(0) })),
  })
  .nullable()

const target = z
  .strictObject({
    level_id: z.string(),
    level_kind_name: z.string(),
    level_price: z.number().positive(),
    direction: z.enum(DIRECTIONS).nullable(),
    distance: z.number().min(0),
    distance_signed: z.number(),
    p_tradeable_2: maybe,
    p_break: maybe.describe('P($2 is reached and the level breaks). Joint with tradeable_2, not conditional on it.'),
    p_bounce: maybe.describe('P($2 is reached and the level bounces). p_break + p_bounce + p_neither = 1.'),
    p_neither: maybe,
    p_break_given_tradeable: maybe,
    p_bounce_given_tradeable: maybe,
    p_break_condition: z.literal('joint_with_tradeable_2'),
    p_break_interval: interval,
    p_bounce_interval: interval,
    strength_signed: dollars,
    strength_signed_interval: interval,
    strength_abs: dollars,
    time_to_threshold: z.strictObject({
      t1: reach,
      t2: reach,
      t1_break: reach,
      t1_bounce: reach,
      t2_break: reach,
      t2_bounce: reach,
    }),
    retrieval,
    ensemble,
    feasibility_mask: mask,
    utility_score: dollars,
    viewport_state: z.enum(states),
    stage,
    row_basis: z.enum(['supposed', 'touch', 'confirmation']).nullable(),
    pinned: z.boolean(),
    relevance: z.number(),
    touch_ts_ns: nanoseconds,
    confirm_ts_ns: nanoseconds,
    error: z.enum(targetErrors).nullable(),
  })
  .meta({ id: 'target', description: 'One scored level.' })

/** The `viewport` of a payload. */
export const viewportSchema: z.ZodType<ViewportPayload> = z.strictObject({
  version: z.literal(VIEWPORT_VERSION),
  ts: z.int().nullable().describe('Time of the snapshot, milliseconds since 1970 UTC; null where it has none.'),
  timeframe: z.enum(ANCHORS),
  models: z
    .strictObject({ stage_a: z.string().nullable(), stage_b: z.string().nullable() })
    .describe('SHA-256 of the metadata that lists the bundles of each stage; null where none is loaded.'),
  error: z
    .strictObject({ code: z.enum(tickErrors), message: z.string() })
    .nullable()
    .describe('Why the whole tick is refused; null where it was scored.'),
  targets: z.array(target),
  rejected: z.array(
    z.strictObject({
      index: z.int().min(0),
      level_id: z.string().nullable(),
      code: z.enum(['bad_level', 'bad_price', 'duplicate_level', 'too_many_levels']),
    }),
  ),
})
