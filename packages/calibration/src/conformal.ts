import { checkFinite, checkLevel, checkRows, type Measure, noValue, type Values } from './check.ts'

/** Intervals [prediction - radius, prediction + radius] of a stated level. Plain data. */
export interface ConformalInterval {
  readonly kind: 'conformal'
  readonly level: number
  readonly radius: number
}

/**
 * The radius r of split conformal intervals [prediction - r, prediction + r] for a new row of a new session, from absolute
 * errors |y - prediction| of rows that the model was not fitted on (Vovk, Gammerman and Shafer 2005; Lei et al. 2018).
 *
 * Rows of one session are not exchangeable with those of another, sessions are: each of the K sessions gets the weight
 * 1 / (K + 1), shared by its rows, and the last 1 / (K + 1) lies at infinity; r is the `level` quantile of that
 * distribution (hierarchical conformal prediction: Lee, Barber and Willett 2023). The promise: if the K sessions and the
 * new one are exchangeable, the interval holds the target of a row of the new session with probability at least `level`,
 * on average over sessions, whatever the model. It promises nothing for one level kind, one session, or a market that has
 * changed (see `adaptiveConformal`). With one row per session it is split conformal itself, the
 * ceil((K + 1) level)-th least error.
 *
 * No value where K is too small: K / (K + 1) < level, so 95% needs 19 sessions. Throws on bad or no rows.
 * O(rows log rows).
 */
export function conformalRadius(errors: Values, sessions: Values, level: number): Measure {
  checkErrors(errors, sessions)
  checkLevel(level)
  const rowsOf = new Map<number, number>()
  for (let row = 0; row < errors.length; row++) {
    const session = sessions[row] as number
    rowsOf.set(session, (rowsOf.get(session) ?? 0) + 1)
  }
  const radius = weightedQuantile(errors, (row) => 1 / (rowsOf.get(sessions[row] as number) as number), {
    // In units of one session, so that whole sessions add up without rounding.
    target: level * (rowsOf.size + 1),
  })
  if (radius !== null) return { value: radius }
  const needed = Math.ceil(level / (1 - level) - 1e-9)
  return noValue(`${rowsOf.size} sessions are too few for ${level}: it takes at least ${needed}`)
}

/** Throws unless there are errors, finite and not negative, with one session each. */
export function checkErrors(errors: Values, sessions: Values): void {
  checkRows('sessions', sessions, errors.length)
  checkFinite('errors', errors)
  for (let row = 0; row < errors.length; row++) {
    if ((errors[row] as number) >= 0) continue
    throw new RangeError(
      `calibration: errors[${row}]=${errors[row]}: must not be negative. Pass absolute errors, |target - prediction|.`,
    )
  }
}

/** Allowed rounding when weights are summed up to a target. */
const ROUNDING = 1e-9

/** The least error at which the summed weights reach the target; null where they never do. */
function weightedQuantile(
  errors: Values,
  weight: (row: number) => number,
  { target }: { readonly target: number },
): number | null {
  const byError = (a: number, b: number): number => (errors[a] as number) - (errors[b] as number)
  let sum = 0
  for (const row of Uint32Array.from({ length: errors.length }, (_, i) => i).toSorted(byError)) {
    sum += weight(row)
    if (sum >= target - ROUNDING) return errors[row] as number
  }
  return null
}
