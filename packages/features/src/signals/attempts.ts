import { levelKey } from './levels.ts'
import type { Level } from './levels.ts'
import { within } from '../vocabulary/price.ts'
import type { SignalSettings } from './settings.ts'

/** Columns of {@link attemptsOf}. */
export type AttemptColumn = 'prior_touches' | 'attempt_index' | 'attempt_cluster_id'

/** Seconds after the touch minute's start at which each is known. A cluster's id counts the minute's other touches too. */
export const KNOWN_AFTER_S: Readonly<Record<AttemptColumn, number>> = {
  prior_touches: 0,
  attempt_index: 0,
  attempt_cluster_id: 60,
}

interface LastTouch {
  readonly touches: number
  readonly minute: number
  readonly price: number
  readonly attempt: number
  readonly cluster: number
}

/** The touches of a day so far. */
export interface TouchMemory {
  readonly last: Map<string, LastTouch>
  clusters: number
}

/** A day without touches. */
export function beginMemory(): TouchMemory {
  return { last: new Map(), clusters: 0 }
}

/**
 * What a touch of `level` at `minute` is among the touches remembered, all of which are earlier:
 * prior_touches: earlier touches of this level today; a moving level is known by its kind, a round level or strike by its price.
 * attempt_index: position, from 1, in a run of touches of this level, each at most `clusterMinutes` after the one before and
 * with the level within `clusterBand` of where it was then. attempt_cluster_id: number of that run among the day's runs, in
 * order of their first touch, from 1; an identifier, not a quantity. Reads `memory`.
 */
export function attemptsOf(
  memory: TouchMemory,
  level: Level,
  minute: number,
  settings: SignalSettings,
): Record<AttemptColumn, number> {
  const last = memory.last.get(levelKey(level))
  const continues =
    last !== undefined &&
    minute - last.minute <= settings.clusterMinutes &&
    within(Math.abs(level.price - last.price), settings.clusterBand)
  return {
    prior_touches: last?.touches ?? 0,
    attempt_index: continues ? last.attempt + 1 : 1,
    attempt_cluster_id: continues ? last.cluster : memory.clusters + 1,
  }
}

/** Remembers a touch for which {@link attemptsOf} gave `attempts`. Writes `memory`. */
export function rememberTouch(
  memory: TouchMemory,
  level: Level,
  minute: number,
  attempts: Record<AttemptColumn, number>,
): void {
  const cluster = attempts.attempt_cluster_id
  memory.last.set(levelKey(level), {
    touches: attempts.prior_touches + 1,
    minute,
    price: level.price,
    attempt: attempts.attempt_index,
    cluster,
  })
  memory.clusters = Math.max(memory.clusters, cluster)
}
