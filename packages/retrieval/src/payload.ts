import type { ReachName } from './input.ts'
import { REACH_NAMES } from './input.ts'
import type { ByHorizon, FirstHitCause, Neighbour, Summary } from './summary.ts'
import { FIRST_HIT_CAUSES } from './waits.ts'

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

type Plain = Omit<Summary, 'timeMeans' | 'horizons' | 'reach' | 'firstHit' | 'neighbours'>

/** Names of what is a number, or a list of filters. Written out: a live system makes a payload for every target and tick. */
const PLAIN: Readonly<Record<keyof Plain, string>> = {
  k: 'k',
  found: 'found',
  rung: 'rung',
  dropped: 'dropped',
  missing: 'missing',
  effectiveSize: 'effective_size',
  pBreak: 'p_break',
  pBounce: 'p_bounce',
  pChop: 'p_chop',
  pBreakGivenTradeable: 'p_break_given_tradeable',
  pBounceGivenTradeable: 'p_bounce_given_tradeable',
  pTradeable2: 'p_tradeable_2',
  strengthSignedMean: 'strength_signed_mean',
  strengthAbsMean: 'strength_abs_mean',
  similarity: 'similarity',
  entropy: 'entropy',
  nearestDistance: 'nearest_distance',
  farthestDistance: 'farthest_distance',
  distancePercentile: 'distance_percentile',
}
const PLAIN_KEYS = Object.keys(PLAIN) as (keyof Plain)[]

/**
 * A summary under the names of the viewport's payload: camelCase becomes snake_case; `timeMeans.break1` is
 * `time_to_break_1_mean`, `reach.break1.probability` is `reach_probability.t1_break`, `reach.break1.restrictedMean` is
 * `restricted_mean_time.t1_break`, `firstHit[1].break` is `first_hit_probability.t1.break`; probabilities are keyed by
 * their horizon in seconds. Nanoseconds are decimal strings, since JSON's numbers cannot hold them. Holds no NaN and no
 * bigint.
 */
export function toPayload(summary: Summary): Readonly<Record<string, Json>> {
  const { timeMeans, horizons, reach, firstHit, neighbours } = summary
  const keys = horizons.map(String)
  const payload: Record<string, Json> = {}
  for (const key of PLAIN_KEYS) payload[PLAIN[key]] = named(summary[key])
  for (const name of REACH_NAMES) payload[`time_to_${LONG[name]}_mean`] = timeMeans[name]
  payload['reach_probability'] = table((name) => byHorizon(keys, reach[name].probability))
  payload['restricted_mean_time'] = table((name) => reach[name].restrictedMean)
  payload['restricted_to'] = table((name) => reach[name].restrictedTo)
  payload['first_hit_probability'] = { t1: sides(keys, firstHit[1]), t2: sides(keys, firstHit[2]) }
  if (neighbours !== undefined) payload['neighbours'] = neighbours.map(neighbourOf)
  return payload
}

function table(value: (name: ReachName) => Json): Json {
  const made: Record<string, Json> = {}
  for (const name of REACH_NAMES) made[SHORT[name]] = value(name)
  return made
}

/** Keys that are small whole numbers make an array of a slot for each below the last, 4 kB here; one that cannot be removed makes a table of them. */
function byHorizon(keys: readonly string[], values: ByHorizon): Json {
  const made: Record<string, Json> = {}
  for (const [i, key] of keys.entries()) {
    const value = values[i] ?? null
    if (i > 0) made[key] = value
    else Object.defineProperty(made, key, { value, enumerable: true, writable: true })
  }
  return made
}

function sides(keys: readonly string[], hits: Readonly<Record<FirstHitCause, ByHorizon>>): Json {
  const made: Record<string, Json> = {}
  for (const cause of FIRST_HIT_CAUSES) made[cause] = byHorizon(keys, hits[cause])
  return made
}

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
