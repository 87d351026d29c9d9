import { checkLevel, type Values } from './check.ts'
import { checkErrors, conformalRadius } from './conformal.ts'

/** Where adaptive conformal inference stands. Plain data. */
export interface AdaptiveState {
  /** The share of misses that is aimed at. */
  readonly target: number
  /** The share of misses that is asked for next; outside [0, 1] it asks for everything or nothing. */
  readonly alpha: number
  /** Size of a step. */
  readonly gamma: number
}

/** The state before the first session, for intervals of `level`; `gamma` above 0 is the size of a step. */
export function startAdaptive(level: number, gamma: number = 0.02): AdaptiveState {
  checkLevel(level)
  if (!(gamma > 0 && gamma < Infinity)) {
    throw new RangeError(`calibration: gamma=${gamma}: must be a number above 0. Usual are 0.005 to 0.05.`)
  }
  return { target: 1 - level, alpha: 1 - level, gamma }
}

/** The state after a session of which a share `missed`, in [0, 1], lay outside its intervals. */
export function stepAdaptive({ target, alpha, gamma }: AdaptiveState, missed: number): AdaptiveState {
  if (!(missed >= 0 && missed <= 1)) {
    throw new RangeError(`calibration: missed=${missed}: must be a share in [0, 1].`)
  }
  return { target, alpha: alpha + gamma * (target - missed), gamma }
}

/** One session of an adaptive run. */
export interface AdaptiveSession {
  readonly session: number
  readonly rows: number
  /** The share of misses that was asked for. */
  readonly alpha: number
  /** Radius of its intervals; null where they were the whole line. Below 0 alpha asks for the whole line too. */
  readonly radius: number | null
  /** Share of its rows outside. */
  readonly missed: number
}

/** An adaptive run over all sessions. */
export interface AdaptiveRun {
  readonly sessions: readonly AdaptiveSession[]
  /** Mean over sessions of the share of rows inside. */
  readonly coverage: number
  readonly state: AdaptiveState
}

/**
 * Adaptive conformal inference (Gibbs and Candes 2021) over sessions in rising order: each session's intervals have the
 * radius that the errors of the sessions before it suggest (`conformalRadius`) at the level 1 - alpha, and then
 * alpha <- alpha + gamma (target - share missed).
 *
 * The promise holds for any sequence of sessions, exchangeable or not: over T sessions the mean share of misses differs
 * from the target by at most (max(alpha_1, 1 - alpha_1) + gamma) / (gamma T). It is a promise about the long run: one
 * session may be missed altogether, and where the market breaks, intervals widen after the fact. Sessions before there
 * is anything to go by have the whole line (radius null) and miss nothing. Throws on bad or no rows.
 * O(sessions x rows log rows).
 */
export function adaptiveConformal(
  errors: Values,
  sessions: Values,
  { level, gamma = 0.02 }: { readonly level: number; readonly gamma?: number },
): AdaptiveRun {
  checkErrors(errors, sessions)
  let state = startAdaptive(level, gamma)
  const order = [...Array.from(sessions).keys()].toSorted((a, b) => (sessions[a] as number) - (sessions[b] as number))
  const done: AdaptiveSession[] = []
  let from = 0
  while (from < order.length) {
    const session = sessions[order[from] as number] as number
    let to = from
    while (to < order.length && sessions[order[to] as number] === session) to++
    const radius = radiusFor(state.alpha, errors, sessions, order.slice(0, from))
    const rows = order.slice(from, to)
    const missed = rows.filter((row) => (errors[row] as number) > radius).length / rows.length
    done.push({
      session,
      rows: rows.length,
      alpha: state.alpha,
      radius: Number.isFinite(radius) ? radius : null,
      missed,
    })
    state = stepAdaptive(state, missed)
    from = to
  }
  const covered = done.reduce((sum, { missed }) => sum + 1 - missed, 0) / done.length
  return { sessions: done, coverage: covered, state }
}

/** Infinite where everything is asked for or nothing is known, below 0 (an empty interval) where alpha is 1 or more. */
function radiusFor(alpha: number, errors: Values, sessions: Values, rows: readonly number[]): number {
  if (alpha <= 0 || rows.length === 0) return Number.POSITIVE_INFINITY
  if (alpha >= 1) return -1
  const take = (values: Values): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
  return conformalRadius(take(errors), take(sessions), 1 - alpha).value ?? Number.POSITIVE_INFINITY
}
