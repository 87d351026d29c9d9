import type { FilterName } from './index-data.ts'
import { FILTER_NAMES } from './index-data.ts'
import type { Filters } from './partitions.ts'

/** The order in which filters are given up when too few rows match. */
export const LADDER: readonly FilterName[] = ['gammaBucket', 'levelKindName', 'direction']

/** Filters to try, strictest first. */
export interface Rung {
  readonly filters: Filters
  /** Filters asked for and given up on this rung, in ladder order. */
  readonly dropped: readonly FilterName[]
}

/**
 * The rungs for asked filters: all of them, then without gamma bucket, level kind, direction in turn. A filter that was
 * not asked for has no rung. The last rung has no filter. Throws a TypeError for a filter that is not a string or null.
 */
export function rungsOf(filters: Filters): Rung[] {
  checkFilters(filters)
  const asked = LADDER.filter((name) => filters[name] != null)
  return Array.from({ length: asked.length + 1 }, (_, step) => {
    const kept = asked.slice(step)
    return {
      filters: Object.fromEntries(kept.map((name) => [name, filters[name]])),
      dropped: asked.slice(0, step),
    }
  })
}

function checkFilters(filters: Filters): void {
  for (const [name, value] of Object.entries(filters) as [string, string | number | null | undefined][]) {
    if (!FILTER_NAMES.some((known) => known === name)) {
      throw new RangeError(`retrieval: filters.${name}: is not one of ${FILTER_NAMES.join(', ')}. Check the name.`)
    }
    if (value !== null && value !== undefined && typeof value !== 'string') {
      throw new TypeError(
        `retrieval: filters.${name}=${value}: must be a string, or null where it is unknown. Pass the value's name.`,
      )
    }
  }
}
