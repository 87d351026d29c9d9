import type { ReachName } from './input.ts'
import type { ByHorizon, Neighbour, Reach, Summary } from './summary.ts'

/** What JSON holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Names of reach times in payloads: `time_to_{name}_mean` and the keys of the reach tables. */
const LONG: Readonly<Record<ReachName, string>> = {
  threshold1: 'threshold_1',
  threshold2: 'threshold_2',
  break1: 'break_1',
  bounce1: 'bounce_1',
  break2: 'break_2',
  bounce2: 'bounce_2',
}
const SHORT: Readonly<Record<ReachName, string>> = {
  threshold1: 't1',
  threshold2: 't2',
  break1: 't1_break',
  bounce1: 't1_bounce',
  break2: 't2_break',
  bounce2: 't2_bounce',
}

/**
 * A summary under the names of the viewport's payload: camelCase becomes snake_case; `timeMeans.break1` is `time_to_break_1_mean`,
 * `reach.break1.probability` is `reach_probability.t1_break`, `reach.break1.restrictedMean` is
 * `restricted_mean_time.t1_break`, `firstHit[1].break` is `first_hit_probability.t1.break`; probabilities are keyed by their horizon in seconds. Nanoseconds are decimal
 * strings, since JSON's numbers cannot hold them. Holds no NaN and no bigint.
 */
export function toPayload(summary: Summary): Readonly<Record<string, Json>> {
  const { timeMeans, horizons, reach, firstHit, neighbours, ...plain } = summary
  const names = Object.keys(LONG) as ReachName[]
  const table = (value: (reach: Reach) => Json): Json =>
    Object.fromEntries(names.map((name) => [SHORT[name], value(reach[name])]))
  return {
    ...Object.fromEntries(Object.entries(plain).map(([key, value]) => [snake(key), named(value)])),
    ...Object.fromEntries(names.map((name) => [`time_to_${LONG[name]}_mean`, timeMeans[name]])),
    reach_probability: table(({ probability }) => byHorizon(horizons, probability)),
    restricted_mean_time: table(({ restrictedMean }) => restrictedMean),
    restricted_to: table(({ restrictedTo }) => restrictedTo),
    first_hit_probability: { t1: sides(horizons, firstHit[1]), t2: sides(horizons, firstHit[2]) },
    ...(neighbours === undefined ? {} : { neighbours: neighbours.map(neighbourOf) }),
  }
}

const byHorizon = (horizons: readonly number[], values: ByHorizon): Json =>
  Object.fromEntries(horizons.map((horizon, i) => [String(horizon), values[i] ?? null]))

const sides = (horizons: readonly number[], hits: Readonly<Record<string, ByHorizon>>): Json =>
  Object.fromEntries(Object.entries(hits).map(([cause, values]) => [cause, byHorizon(horizons, values)]))

function neighbourOf({ filters, tsNs, resolvedNs, ...rest }: Neighbour): Json {
  return {
    ...Object.fromEntries(Object.entries({ ...rest, ...filters }).map(([key, value]) => [snake(key), value])),
    ts_ns: String(tsNs),
    resolved_ns: String(resolvedNs),
  }
}

/** Filters that were given up are listed under the columns' own names. */
const named = (value: number | null | readonly string[]): Json =>
  typeof value === 'object' && value !== null ? value.map((name) => snake(name)) : value

/** pTradeable2 is p_tradeable_2. */
const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/([a-z])(\d)/g, '$1_$2')
