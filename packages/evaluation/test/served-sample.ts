import { type Bars, newYorkCalendar } from '@breakwater/features'
import type { TargetPayload, TargetPayloadV1 } from '@breakwater/viewport/payload'
import { uniforms } from './seeded.ts'

export const DATES = ['2025-03-03', '2025-03-04', '2025-03-05', '2025-03-06', '2025-03-07', '2025-03-10']
export const LEVEL = 500
const calendar = newYorkCalendar()
const MINUTE_NS = 60_000_000_000n
const openOf = (date: string): bigint => calendar.sessionOf(date)?.openNs ?? 0n

/** A walk about the level, every regular minute of some sessions. */
export function walk(seed: number): Bars {
  const random = uniforms(seed)
  const bars = DATES.flatMap((date) => {
    let price = LEVEL
    return Array.from({ length: 390 }, (_, slot) => {
      const open = price
      price += (random() - 0.5) * 0.4 - 0.02 * (price - LEVEL)
      const [high, low] = [Math.max(open, price) + 0.05 * random(), Math.min(open, price) - 0.05 * random()]
      return { ts: openOf(date) + BigInt(slot) * MINUTE_NS, open, high, low, close: price }
    })
  })
  const column = (name: 'open' | 'high' | 'low' | 'close'): Float64Array => Float64Array.from(bars, (bar) => bar[name])
  return {
    rows: bars.length,
    ts: BigInt64Array.from(bars, ({ ts }) => ts),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: new Float64Array(bars.length).fill(1),
  }
}
export const bars = walk(5)
export type Numbers = Partial<TargetPayload>
const SIDES = ['t1', 't2', 't1_break', 't1_bounce', 't2_break', 't2_bounce'] as const

/** A target of version 1 of the one level, approached from below. */
export function targetV1(spot: number, p: number): TargetPayloadV1 {
  return {
    level_id: 'ROUND_500',
    level_kind_name: 'ROUND',
    level_price: LEVEL,
    direction: 'UP',
    distance: Math.abs(LEVEL - spot),
    distance_signed: LEVEL - spot,
    p_tradeable_2: 0.5,
    p_break: 0.2,
    p_bounce: 0.3,
    p_neither: 0.5,
    p_break_given_tradeable: 0.4,
    p_bounce_given_tradeable: 0.6,
    p_break_condition: 'joint_with_tradeable_2',
    p_break_interval: null,
    p_bounce_interval: null,
    strength_signed: 0.1,
    strength_signed_interval: null,
    strength_abs: 0.1,
    time_to_threshold: Object.fromEntries(
      SIDES.map((side) => [side, { 60: p, 300: p }]),
    ) as unknown as TargetPayloadV1['time_to_threshold'],
    retrieval: null,
    ensemble: null,
    feasibility_mask: null,
    utility_score: 0.05,
    viewport_state: 'CONFIRMATION',
    stage: 'stage_b',
    row_basis: 'confirmation',
    pinned: false,
    relevance: 0.5,
    touch_ts_ns: null,
    confirm_ts_ns: null,
    error: null,
  }
}

export function target(spot: number, p: number, tsNs: bigint, more: Numbers = {}): TargetPayload {
  return {
    ...targetV1(spot, p),
    as_of_ts_ns: Number(tsNs),
    elapsed_s: 240,
    condition: 'since_touch',
    source: 'law',
    p_touch: null,
    settled: {},
    intervals: null,
    intervals_missing: 'not_recorded',
    strength_ahead: null,
    expected_extremes: null,
    expected_move: null,
    utility_net: null,
    features: null,
    touch_ts_ns: Number(tsNs - 4n * MINUTE_NS),
    ...more,
  }
}

interface Line {
  readonly tsNs: bigint
  readonly targets: readonly object[]
  readonly version?: number
  /** The price of its snapshot; default none. */
  readonly spot?: number
}

export function lineOf({ tsNs, targets, version = 2, spot }: Line): string {
  const header = {
    version,
    ts: Number(tsNs / 1_000_000n),
    timeframe: '4min',
    models: { stage_a: null, stage_b: null },
    error: null,
    rejected: [],
    ...(version === 2 ? { utility: { order: 'utility_score', cost: 0 } } : {}),
  }
  const snapshot = spot === undefined ? {} : { spy: { spot } }
  return JSON.stringify({ ts: header.ts, ...snapshot, viewport: { ...header, targets } })
}

/** Seconds between prices within a minute. */
export const TICK_SECONDS = 5
/** Prices of a minute, from its start on: straight from its open to its close. */
export function ticksOf(row: number): { readonly tsNs: bigint; readonly spot: number }[] {
  const [open, close] = [bars.open[row] as number, bars.close[row] as number]
  return Array.from({ length: 60 / TICK_SECONDS }, (_, i) => ({
    tsNs: (bars.ts[row] as bigint) + BigInt(i * TICK_SECONDS) * 1_000_000_000n,
    spot: open + ((close - open) * i * TICK_SECONDS) / 60,
  }))
}

export const ABOUT = {
  source: 'replay.jsonl',
  bars,
  thresholds: [0.3, 0.6] as const,
  windowSeconds: 480,
  horizons: [60, 300],
  seed: 3,
}
/** The price when a minute begins: the close of the one before. */
export const spotAt = (row: number): number => bars.close[row - 1] as number

/** Rows of bars at whose start something is published: never the first of a session. */
export const MOMENTS = [...bars.ts.keys()].filter((row) => row % 390 !== 0)

export const published = (p: (spot: number) => number, more: (row: number) => Numbers = () => ({})): string[] =>
  MOMENTS.map((row) => {
    const [tsNs, spot] = [bars.ts[row] as bigint, spotAt(row)]
    return lineOf({ tsNs, targets: [target(spot, p(spot), tsNs, more(row))] })
  })
