/** Score and information of a group of moments in one session. */
export type GroupSession = readonly [score: number, information: number]

/** Degrees of freedom with which a group's variance stands alone; what it lacks of them, that of all groups stands in for. */
const ALONE = 4

/**
 * The mean square error of groups of moments, score over information, less what their sessions make it by chance, and its standard error on
 * top: groups that show nothing do not prove that there is nothing. A group has two sessions or more; with fewer than
 * five its variance by chance is drawn towards that of all groups for the same information. Groups weigh by one over their squared variance. 0 without groups.
 */
export function excessVariance(groups: readonly (readonly GroupSession[])[]): number {
  const measured = groups.map(measure).filter(({ information, squares }) => information > 0 && squares > 0)
  const [squares, scale] = measured.reduce(
    ([sum, of], one) => [sum + one.squares * one.freedom, of + one.information * one.freedom],
    [0, 0],
  )
  let [excess, total] = [0, 0]
  for (const { score, information, freedom, squares: own } of measured) {
    const pooled = (squares / scale) * information
    const lacking = Math.max(0, ALONE - freedom)
    const variance = (own * freedom + pooled * lacking) / (freedom + lacking) / information ** 2
    const weight = 1 / variance ** 2
    excess += weight * ((score / information) ** 2 - variance)
    total += weight
  }
  // The square of a group's error has twice its squared variance as variance.
  return total === 0 ? 0 : Math.max(0, excess / total) + Math.sqrt(2 / total)
}

interface Measured {
  readonly score: number
  readonly information: number
  /** Variance of the score by its sessions. */
  readonly squares: number
  readonly freedom: number
}

function measure(sessions: readonly GroupSession[]): Measured {
  const count = sessions.length
  const score = sessions.reduce((sum, one) => sum + one[0], 0)
  const information = sessions.reduce((sum, one) => sum + one[1], 0)
  const squares = sessions.reduce((sum, one) => sum + (one[0] - score / count) ** 2, 0)
  return { score, information, squares: (squares * count) / (count - 1), freedom: count - 1 }
}

/** A number of every row, and into how many parts of as many rows its values are cut. */
export type GroupedBy = readonly [values: readonly number[], parts: number]

/** Rows in groups, by the quantiles of several numbers at once: places of the rows, group by group. NaN counts as the least. O(rows log rows). */
export function groupRows(by: readonly GroupedBy[]): number[][] {
  const names = by.map(([values, parts]) => quantiles(values, parts))
  const groups = new Map<number, number[]>()
  for (const row of (by[0]?.[0] ?? []).keys()) {
    const name = by.reduce((sum, [, parts], i) => sum * parts + (names[i]?.[row] as number), 0)
    const there = groups.get(name)
    if (there === undefined) groups.set(name, [row])
    else there.push(row)
  }
  return [...groups.values()]
}

/** How many of the edges a value is not below. */
export function partAmong(edges: readonly number[], value: number): number {
  let part = 0
  for (const edge of edges) if (value >= edge) part++
  return part
}

/** Quantile of each value among `parts`, from 0. */
function quantiles(values: readonly number[], parts: number): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  const edges = Array.from({ length: parts - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / parts)])
  return values.map((value) => partAmong(edges as number[], value))
}
