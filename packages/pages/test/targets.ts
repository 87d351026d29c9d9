import type { PublishedTarget } from '@breakwater/pages/live'

const REACH = { '60': 0.1, '300': 0.4 }

/** A published target of a round level at 500, from below, with the fields that a test names. */
export function targetWith(fields: Partial<PublishedTarget>): PublishedTarget {
  return {
    level_id: 'ROUND_500.00',
    level_kind_name: 'ROUND',
    level_price: 500,
    direction: 'UP',
    distance: 0.05,
    distance_signed: 0.05,
    p_tradeable_2: 0.5,
    p_break: 0.2,
    p_bounce: 0.3,
    p_neither: 0.5,
    p_break_given_tradeable: 0.4,
    p_bounce_given_tradeable: 0.6,
    p_break_condition: 'joint_with_tradeable_2',
    p_break_interval: null,
    p_bounce_interval: null,
    strength_signed: 0.4,
    strength_signed_interval: null,
    strength_abs: 0.4,
    time_to_threshold: { t1: REACH, t2: REACH, t1_break: REACH, t1_bounce: REACH, t2_break: REACH, t2_bounce: REACH },
    retrieval: { neighbours: [] },
    ensemble: null,
    feasibility_mask: null,
    utility_score: 0.2,
    viewport_state: 'TOUCH',
    stage: 'stage_a',
    row_basis: 'touch',
    pinned: false,
    relevance: 0.4,
    touch_ts_ns: null,
    confirm_ts_ns: null,
    error: null,
    ...fields,
  }
}

/** 09:30 New York of Tuesday, 20 February 2024, in milliseconds since 1970. */
export const OPEN_MS: number = Date.UTC(2024, 1, 20, 14, 30)

/** A payload `minutes` after the open. */
export function payloadAt(
  minutes: number,
  targets: readonly PublishedTarget[],
  more: { readonly spot?: number; readonly bars?: readonly object[]; readonly error?: object } = {},
): object {
  const ts = OPEN_MS + minutes * 60_000
  return {
    ts,
    spy: { spot: more.spot ?? 499.95 },
    levels: [],
    ...(more.bars === undefined ? {} : { bars: more.bars }),
    viewport: {
      version: 1,
      timeframe: '4min',
      models: { stage_a: null, stage_b: null },
      error: more.error ?? null,
      targets,
    },
  }
}

/** The bar of a minute after the open. */
export function barAt(minute: number, low: number, high: number): object {
  return { ts: OPEN_MS + minute * 60_000, open: low, high, low, close: high, volume: 1 }
}
