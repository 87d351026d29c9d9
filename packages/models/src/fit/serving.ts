import type { HeadTarget } from '@breakwater/features'
import { sessionSum } from './session-sum.ts'

/** Forecasts of rows by models that saw neither these nor later rows. */
export interface ServingEvidence {
  /** Rows of the signals. */
  readonly rows: Int32Array
  /** Of the heads' own trees and of the law with its tilt, by head, one value a row of the signals. */
  readonly heads: ReadonlyMap<string, Float64Array>
  readonly tilted: ReadonlyMap<string, Float64Array>
}

/** What a set serves, and why. */
export interface ServingChoice {
  readonly kind: 'law' | 'heads'
  readonly reason: string
  /** Mean over the heads of the log loss that their own trees save beyond the law, in nats; null where nothing could be compared. */
  readonly saved: number | null
  /** Its standard error, paired by session. */
  readonly standardError: number | null
  readonly sessions: number
  readonly rows: number
}

/** Standard errors that heads have to save to be served. */
const ERRORS = 2
/** Fewer sessions say nothing about a standard error. */
const FEWEST_SESSIONS = 4
const CLIP = 1e-7

/**
 * Chooses between the law with its tilt and the heads' own trees by the log loss of out-of-fold forecasts: the law, unless the heads
 * save two standard errors, paired by session. Each head's mean counts the same, over rows that both forecast.
 */
export function chooseServing(
  sessions: Int32Array,
  targets: readonly HeadTarget[],
  parts: readonly ServingEvidence[],
): ServingChoice {
  const saved = new Map<number, number>()
  let [heads, rows] = [0, 0]
  for (const target of targets) {
    const one = target.task === 'binary' ? savedBy(target, parts, sessions) : new Map<number, number[]>()
    const count = [...one.values()].reduce((sum, values) => sum + values.length, 0)
    if (count === 0) continue
    heads++
    rows += count
    for (const [session, values] of one) {
      saved.set(session, (saved.get(session) ?? 0) + values.reduce((sum, value) => sum + value, 0) / count)
    }
  }
  const perSession = [...saved.values()].map((value) => value / heads)
  return verdict(perSession, rows)
}

/** By session, the log loss that a head's trees save in each row. */
function savedBy(target: HeadTarget, parts: readonly ServingEvidence[], sessions: Int32Array): Map<number, number[]> {
  const saved = new Map<number, number[]>()
  for (const { rows, heads, tilted } of parts) {
    const [own, other] = [heads.get(target.name), tilted.get(target.name)]
    if (own === undefined || other === undefined) continue
    for (const row of rows) {
      const [p, q] = [own[row] as number, other[row] as number]
      if (target.mask[row] !== 1 || Number.isNaN(p) || Number.isNaN(q)) continue
      const label = target.values[row] as number
      const session = sessions[row] as number
      const values = saved.get(session) ?? []
      values.push(logLoss(q, label) - logLoss(p, label))
      saved.set(session, values)
    }
  }
  return saved
}

const logLoss = (p: number, label: number): number => -Math.log(Math.max(CLIP, label === 1 ? p : 1 - p))

function verdict(perSession: readonly number[], rows: number): ServingChoice {
  const sessions = perSession.length
  if (sessions < FEWEST_SESSIONS) {
    const reason =
      sessions === 0
        ? 'no out-of-fold forecasts of both: the law is served'
        : `out-of-fold forecasts of only ${sessions} sessions: the law is served`
    return { kind: 'law', reason, saved: null, standardError: null, sessions, rows }
  }
  const { total, standardError } = sessionSum(perSession)
  const kind = total > ERRORS * standardError ? 'heads' : 'law'
  const size = `${Math.abs(total).toFixed(4)} nats ${total > 0 ? 'less' : 'more'} a head than the law (standard error ${standardError.toFixed(4)}, ${sessions} sessions)`
  const reason =
    kind === 'heads'
      ? `independent heads lost ${size}, more than ${ERRORS} standard errors: they are served, made coherent`
      : `independent heads lost ${size}; only ${ERRORS} standard errors less would have them served: the law is served`
  return { kind, reason, saved: total, standardError, sessions, rows }
}
