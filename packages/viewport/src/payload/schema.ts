import { ANCHORS, DIRECTIONS, STAGES } from '@breakwater/features/vocabulary'
import { z } from 'zod'
import { SNAPSHOT_ERRORS } from '../snapshot.ts'
import type { IntervalsMissing, ReachKey, TargetError, TargetState } from '../target.ts'
import { UTILITY_ORDERS } from '../utility.ts'
import { type TickErrorCode, VIEWPORT_VERSION, type ViewportPayload, type ViewportPayloadV1 } from './types.ts'

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

const intervalsMissing = {
  no_numbers: 'no_numbers',
  not_recorded: 'not_recorded',
} as const satisfies { [Name in IntervalsMissing]: Name }

const tickErrors: readonly TickErrorCode[] = [...SNAPSHOT_ERRORS, 'failed']

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

const interval01 = z
  .tuple([probability, probability])
  .nullable()
  .describe('Both ends included, rounded outward to four digits; null where it is not known how sure the number is.')
const reachIntervals = z
  .record(z.string().regex(/^[1-9]\d*$/), interval01)
  .meta({ id: 'intervals_by_horizon', description: 'Intervals by horizon in seconds.' })

const reachSides = <S extends z.ZodType>(one: S): z.ZodObject<Record<ReachKey, S>> =>
  z.strictObject({ t1: one, t2: one, t1_break: one, t1_bounce: one, t2_break: one, t2_bounce: one })

const intervals = z.strictObject({
  p_tradeable_2: interval01,
  p_break: interval01,
  p_bounce: interval01,
  p_neither: interval01,
  p_break_given_tradeable: interval01,
  p_bounce_given_tradeable: interval01,
  p_touch: reachIntervals.nullable(),
  time_to_threshold: reachSides(reachIntervals),
})

const fieldsOfVersion1 = {
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
  time_to_threshold: reachSides(reach),
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
}

const targetV1 = z.strictObject(fieldsOfVersion1).meta({ id: 'target_v1', description: 'One scored level.' })

const target = z
  .strictObject({
    ...fieldsOfVersion1,
    as_of_ts_ns: nanoseconds.describe('The moment that every number of this target is about; null without numbers.'),
    elapsed_s: z.number().min(0).nullable().describe('Seconds since the touch minute began; null before a touch.'),
    condition: z
      .enum(['given_touch', 'since_touch'])
      .describe(
        'given_touch: not touched yet, and every outcome is one given a touch now; p_touch says how likely that is. since_touch: given the path so far.',
      ),
    source: z
      .enum(['law', 'heads'])
      .nullable()
      .describe(
        'What the probabilities come from, the law or the heads, which answer for the confirmation: in its second alone where the set ' +
          'has a law. Null without numbers.',
      ),
    p_touch: reach.nullable().describe('P(the level is touched) by horizon in seconds from now; null after a touch.'),
    settled: z
      .record(z.string(), z.enum(['reached', 'over', 'unreachable']))
      .describe(
        'By head, why its number is 0, 1 or null. reached: price is there now. over: its window has ended. unreachable: it has no answer here.',
      ),
    intervals: intervals
      .nullable()
      .describe('95% intervals of the probabilities; null where none has one, and `intervals_missing` says why.'),
    intervals_missing: z
      .enum(intervalsMissing)
      .nullable()
      // Payloads that were published before there was the field are still read.
      .default(null)
      .describe(
        'Why a probability has no interval; null where every one that is published has its own. no_numbers: there are no numbers, `error` says ' +
          'why. not_recorded: the models do not say how sure they are, as those that were trained before that was recorded.',
      ),
    strength_ahead: dollars.describe(
      'Expected furthest move on from the price now, less that back from it, within the window; dollars, positive in the direction of break.',
    ),
    expected_extremes: z
      .strictObject({ break: z.number(), bounce: z.number() })
      .nullable()
      .describe('Expected furthest displacement from the level within the window from now, dollars, each way.'),
    expected_move: dollars.describe(
      'Expected furthest move from the price now within the window, dollars, the larger way.',
    ),
    utility_net: dollars.describe('expected_move less the cost that `utility.cost` states, dollars.'),
    features: z
      .strictObject({ known: z.int().min(0), asked: z.int().min(0) })
      .nullable()
      .describe('How many of the features that the models ask for have a value.'),
  })
  .meta({ id: 'target', description: 'One scored level.' })

const headerOf = <V extends number>(version: V) => ({
  version: z.literal(version),
  ts: z.int().nullable().describe('Time of the snapshot, milliseconds since 1970 UTC; null where it has none.'),
  timeframe: z.enum(ANCHORS),
  models: z
    .strictObject({ stage_a: z.string().nullable(), stage_b: z.string().nullable() })
    .describe('SHA-256 of the metadata that lists the bundles of each stage; null where none is loaded.'),
  error: z
    .strictObject({ code: z.enum(tickErrors), message: z.string() })
    .nullable()
    .describe('Why the whole tick is refused; null where it was scored.'),
  rejected: z.array(
    z.strictObject({
      index: z.int().min(0),
      level_id: z.string().nullable(),
      code: z.enum(['bad_level', 'bad_price', 'duplicate_level', 'too_many_levels']),
    }),
  ),
})

/** The `viewport` of a payload of version 1. */
export const viewportSchemaV1: z.ZodType<ViewportPayloadV1> = z.strictObject({
  ...headerOf(1),
  targets: z.array(targetV1),
})

/** The `viewport` of a payload. */
export const viewportSchema: z.ZodType<ViewportPayload> = z.strictObject({
  ...headerOf(VIEWPORT_VERSION),
  utility: z.strictObject({
    order: z.enum(UTILITY_ORDERS).describe('What orders the targets; p_touch times it before a touch.'),
    cost: z.number().min(0).describe('Dollars.'),
  }),
  targets: z.array(target),
})
