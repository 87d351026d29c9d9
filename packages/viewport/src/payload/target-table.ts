import { type Column, MISSING_NS, reachHead, type Table } from '@breakwater/features/vocabulary'
import type { Interval } from '../target.ts'
import { nsOfInteger, nsOfMs } from './time.ts'
import type { AnyViewportPayload, TargetPayload, TargetPayloadV1 } from './types.ts'

/** Collects published targets, one row each, as a table for Parquet. */
export interface TargetTable {
  readonly add: (viewport: AnyViewportPayload) => void
  readonly finish: () => Table
}

/** Numbers of a row by column. */
const numbersOf = (target: TargetPayload | TargetPayloadV1): Readonly<Record<string, number | null>> => ({
  level_price: target.level_price,
  distance: target.distance,
  distance_signed: target.distance_signed,
  p_tradeable_2: target.p_tradeable_2,
  p_break: target.p_break,
  p_bounce: target.p_bounce,
  p_neither: target.p_neither,
  p_break_given_tradeable: target.p_break_given_tradeable,
  p_break_low: target.p_break_interval?.[0] ?? null,
  p_break_high: target.p_break_interval?.[1] ?? null,
  strength_signed: target.strength_signed,
  strength_low: target.strength_signed_interval?.[0] ?? null,
  strength_high: target.strength_signed_interval?.[1] ?? null,
  strength_abs: target.strength_abs,
  mix_weight: target.ensemble?.mix_weight ?? null,
  disagreement_penalty: target.ensemble?.disagreement_penalty ?? null,
  break_logit_bias: target.feasibility_mask?.break_logit_bias ?? null,
  utility_score: target.utility_score,
  relevance: target.relevance,
  pinned: Number(target.pinned),
  ...Object.fromEntries(
    Object.entries(target.time_to_threshold).flatMap(([key, byHorizon]) =>
      Object.entries(byHorizon).map(([seconds, p]) => [reachHead(key, seconds), p]),
    ),
  ),
  ...('condition' in target ? numbersSinceV2(target) : {}),
})

/** What version 2 adds; intervals as `{name}_low` and `{name}_high`. */
function numbersSinceV2(target: TargetPayload): Record<string, number | null> {
  const { intervals } = target
  return {
    elapsed_s: target.elapsed_s,
    strength_ahead: target.strength_ahead,
    expected_extreme_break: target.expected_extremes?.break ?? null,
    expected_extreme_bounce: target.expected_extremes?.bounce ?? null,
    expected_move: target.expected_move,
    utility_net: target.utility_net,
    features_known: target.features?.known ?? null,
    features_asked: target.features?.asked ?? null,
    ...Object.fromEntries(
      Object.entries(target.p_touch ?? {}).map(([seconds, p]) => [reachHead('p_touch', seconds), p]),
    ),
    ...Object.fromEntries([
      ...ends('p_tradeable_2', intervals?.p_tradeable_2),
      ...ends('p_neither', intervals?.p_neither),
      ...ends('p_break_given_tradeable', intervals?.p_break_given_tradeable),
      ...Object.entries(intervals?.p_touch ?? {}).flatMap(([seconds, one]) => ends(reachHead('p_touch', seconds), one)),
      ...Object.entries(intervals?.time_to_threshold ?? {}).flatMap(([key, byHorizon]) =>
        Object.entries(byHorizon).flatMap(([seconds, one]) => ends(reachHead(key, seconds), one)),
      ),
    ]),
  }
}

const WORDS: Readonly<Record<string, (target: TargetPayload | TargetPayloadV1) => string | null>> = {
  level_id: (target) => target.level_id,
  level_kind_name: (target) => target.level_kind_name,
  direction: (target) => target.direction,
  viewport_state: (target) => target.viewport_state,
  stage: (target) => target.stage,
  row_basis: (target) => target.row_basis,
  error: (target) => target.error,
  condition: (target) => ('condition' in target ? target.condition : null),
  source: (target) => ('condition' in target ? target.source : null),
  intervals_missing: (target) => ('condition' in target ? target.intervals_missing : null),
}

/** A table before its first target. A column is there once a target has had it; null is a missing value. */
export function targetTable(): TargetTable {
  const ts: bigint[] = []
  const touch: bigint[] = []
  const asOf: bigint[] = []
  const values = new Map<string, number[]>()
  const words = new Map<string, (string | null)[]>()
  return {
    add: (viewport) => {
      for (const target of viewport.targets) {
        const row = ts.length
        ts.push(nsOfMs(viewport.ts ?? 0))
        touch.push(timeOf(target.touch_ts_ns))
        asOf.push(timeOf('condition' in target ? target.as_of_ts_ns : null))
        for (const [name, value] of Object.entries(numbersOf(target)))
          put(values, name, row, value ?? Number.NaN, Number.NaN)
        for (const [name, read] of Object.entries(WORDS)) put(words, name, row, read(target), null)
      }
    },
    finish: () => ({
      rows: ts.length,
      columns: {
        ts_ns: { type: 'time', values: BigInt64Array.from(ts) },
        touch_ts_ns: { type: 'time', values: BigInt64Array.from(touch) },
        as_of_ts_ns: { type: 'time', values: BigInt64Array.from(asOf) },
        ...Object.fromEntries([...words].map(([name, column]) => [name, coded(column, ts.length)])),
        ...Object.fromEntries([...values].map(([name, column]) => [name, dense(column, ts.length)])),
      },
    }),
  }
}

/** An interval as two numbers of a row. */
function ends(name: string, interval: Interval | null | undefined): [string, number | null][] {
  return [
    [`${name}_low`, interval?.[0] ?? null],
    [`${name}_high`, interval?.[1] ?? null],
  ]
}

const timeOf = (ns: number | null): bigint => (ns === null ? MISSING_NS : nsOfInteger(ns))

/** Puts a value at `row` of a column, which earlier rows lack. */
function put<T>(columns: Map<string, T[]>, name: string, row: number, value: T, missing: T): void {
  let column = columns.get(name)
  if (column === undefined) columns.set(name, (column = []))
  while (column.length < row) column.push(missing)
  column.push(value)
}

function dense(column: readonly number[], rows: number): Column {
  const values = new Float64Array(rows).fill(Number.NaN)
  values.set(column)
  return { type: 'number', values }
}

function coded(column: readonly (string | null)[], rows: number): Column {
  const places = new Map<string, number>()
  const codes = new Int32Array(rows).fill(-1)
  for (const [row, word] of column.entries()) {
    if (word === null) continue
    const place = places.get(word) ?? places.size
    places.set(word, place)
    codes[row] = place
  }
  return { type: 'string', codes, dictionary: [...places.keys()] }
}
