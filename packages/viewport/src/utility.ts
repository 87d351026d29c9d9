import { checkWithin } from './check.ts'

/** What can order the targets of a payload; see the fields of the same names. */
export const UTILITY_ORDERS = ['utility_score', 'expected_move', 'utility_net', 'p_tradeable_2'] as const
/** One of them. */
export type UtilityOrder = (typeof UTILITY_ORDERS)[number]

/** Dollars a share that a trade costs, in and out together, unless told otherwise. */
export const UTILITY_COST = 0.05

/** What a target is worth, and what orders the targets. */
export interface UtilityOptions {
  /** Default `utility_score`. */
  readonly order?: UtilityOrder
  /** Dollars that a trade costs, at least 0: `utility_net` is less by it. Default {@link UTILITY_COST}. */
  readonly cost?: number
}

/** {@link UtilityOptions} with every default filled in. */
export type UtilitySettings = Required<UtilityOptions>

/** The options with their defaults. Throws RangeError naming the one that is wrong. */
export function utilitySettings({
  order = 'utility_score',
  cost = UTILITY_COST,
}: UtilityOptions = {}): UtilitySettings {
  if (!UTILITY_ORDERS.includes(order)) {
    throw new RangeError(
      `viewport: options.utility.order=${JSON.stringify(order)}: must be one of ${UTILITY_ORDERS.join(', ')}.`,
    )
  }
  checkWithin('options.utility.cost', cost, [0, Number.MAX_VALUE], 'Dollars, at least 0.')
  return { order, cost }
}

/** What orders a target, and by how much. */
export interface RankedTarget {
  readonly level_id: string
  readonly relevance: number
  readonly p_touch: Readonly<Record<string, number | null>> | null
  readonly utility_score: number | null
  readonly expected_move: number | null
  readonly utility_net: number | null
  readonly p_tradeable_2: number | null
}

/**
 * What a target counts by the value that `order` names: before a touch that value times P(the level is touched) within the longest
 * horizon, so that a level that is unlikely to be touched does not lead. Minus infinity where the target has no such value.
 */
export function rankingWorth(order: UtilityOrder, target: RankedTarget): number {
  const value = target[order]
  return value === null ? Number.NEGATIVE_INFINITY : value * touchWeight(target.p_touch)
}

/**
 * A comparison of targets by {@link rankingWorth}, falling. Targets without a value come after the others, by
 * falling relevance; equal ones by id.
 */
export function rankTargets(order: UtilityOrder): (a: RankedTarget, b: RankedTarget) => number {
  return (a, b) => {
    const [worthA, worthB] = [rankingWorth(order, a), rankingWorth(order, b)]
    if (worthA !== worthB) return worthB > worthA ? 1 : -1
    if (a.relevance !== b.relevance) return b.relevance - a.relevance
    return a.level_id < b.level_id ? -1 : Number(a.level_id > b.level_id)
  }
}

/** The greatest of the probabilities, that of the longest horizon; 1 where there is none. */
function touchWeight(byHorizon: RankedTarget['p_touch']): number {
  if (byHorizon === null) return 1
  let most = -1
  for (const seconds in byHorizon) most = Math.max(most, byHorizon[seconds] ?? -1)
  return most < 0 ? 1 : most
}
