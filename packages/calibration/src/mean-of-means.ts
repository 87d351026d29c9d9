import type { SessionScore } from './session-scores.ts'

/** Sums of one head by session: of a value of its rows, and of the rows. */
export interface SessionSums {
  readonly values: readonly number[]
  readonly rows: readonly number[]
}

/**
 * The mean over heads of their mean over rows, for a bootstrap with one row a session, in the order of the sums; null in a resample that
 * holds no row of a head.
 */
export function meanOfMeans(heads: readonly SessionSums[]): SessionScore {
  return () => (draws) => {
    let total = 0
    for (const { values, rows } of heads) {
      let [sum, count] = [0, 0]
      for (let s = 0; s < draws.length; s++) {
        const times = draws[s] as number
        sum += times * (values[s] as number)
        count += times * (rows[s] as number)
      }
      if (count === 0) return null
      total += sum / count
    }
    return total / heads.length
  }
}
