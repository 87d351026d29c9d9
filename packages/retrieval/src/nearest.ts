/** The nearest stored rows so far, in order of distance, at most `capacity` of them and `cap` of one episode. */
export interface Nearest {
  /** Squared distances, rising; `count` of them count. */
  readonly squared: Float64Array
  /** Stored rows beside them. */
  readonly rows: Int32Array
  count: number
  readonly capacity: number
  readonly cap: number
}

/** An empty set. Distances are 64-bit: the order of neighbours must not depend on rounding to 32. */
export function beginNearest(capacity: number, cap: number): Nearest {
  return { squared: new Float64Array(capacity), rows: new Int32Array(capacity), count: 0, capacity, cap }
}

/** A row whose squared distance is above this cannot enter. */
export function bound(nearest: Nearest): number {
  return nearest.count < nearest.capacity ? Infinity : (nearest.squared[nearest.capacity - 1] as number)
}

/**
 * Offers a row. Equal distances are ordered by `order` (the rows' place in the fitted matrix), so that neither storage nor
 * scanning order shows. Keeping the set after each offer is exact: "at most cap of an episode, at most capacity in all" is
 * a laminar matroid, in which an element that the best set of a part leaves out is in no best set of the whole (Edmonds
 * 1971, "Matroids and the greedy algorithm").
 */
export function offer(nearest: Nearest, row: number, squared: number, order: Int32Array, episode: Int32Array): void {
  const own = episode[row] as number
  const crowded = own === -1 ? -1 : fullEpisode(nearest, own, episode)
  const full = nearest.count === nearest.capacity
  const leaving = crowded !== -1 ? crowded : full ? nearest.capacity - 1 : nearest.count
  if (leaving < nearest.count && !isBefore(nearest, leaving, squared, row, order)) return
  let at = leaving
  while (at > 0 && isBefore(nearest, at - 1, squared, row, order)) {
    nearest.squared[at] = nearest.squared[at - 1] as number
    nearest.rows[at] = nearest.rows[at - 1] as number
    at--
  }
  nearest.squared[at] = squared
  nearest.rows[at] = row
  if (leaving === nearest.count) nearest.count++
}

/** Whether the offered row comes before the one at place `at`. */
function isBefore(nearest: Nearest, at: number, squared: number, row: number, order: Int32Array): boolean {
  const there = nearest.squared[at] as number
  return (
    squared < there || (squared === there && (order[row] as number) < (order[nearest.rows[at] as number] as number))
  )
}

/** The place of the farthest row of an episode that has all the members it may have; -1 where it has fewer. */
function fullEpisode(nearest: Nearest, own: number, episode: Int32Array): number {
  if (nearest.cap >= nearest.capacity) return -1
  let members = 0
  let farthest = -1
  for (let i = 0; i < nearest.count; i++) {
    if (episode[nearest.rows[i] as number] !== own) continue
    members++
    farthest = i
  }
  return members < nearest.cap ? -1 : farthest
}
