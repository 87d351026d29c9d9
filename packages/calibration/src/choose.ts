import { applyCalibrator, type Calibrator } from './calibrator.ts'
import { checkCount, checkForecasts, checkRows, type Values } from './check.ts'
import { fitCalibrator, FITTED_KINDS, type FittedKind } from './fit.ts'
import { surprise } from './log-loss.ts'

/** What to choose among, and how. */
export interface ChooseOptions {
  /** Default: every kind. Identity always competes. */
  readonly candidates?: readonly FittedKind[]
  /** Blocks of sessions that candidates are scored on, each fitted on the sessions before it; default 4. */
  readonly blocks?: number
  /** Standard errors by which a candidate must beat identity; default 2, for there are several candidates. */
  readonly standardErrors?: number
  /**
   * Later forecasts of the very model that the map is for, which it was not trained on: the chosen map must beat identity on
   * them too, by as many standard errors. Default: nothing to confirm.
   */
  readonly confirm?: ConfirmRows
}

/** Rows that confirm a chosen map: one entry of each array a row. */
export interface ConfirmRows {
  readonly predictions: Values
  readonly outcomes: Values
  readonly sessions: Values
}

/** Fewest sessions that can confirm a map: the standard error of fewer means little. */
const CONFIRMING_SESSIONS = 5

/** How one kind did on the scored blocks; `logLoss` is null where it could not be fitted, and `reason` explains why. */
export interface CandidateScore {
  readonly kind: Calibrator['kind']
  /** Mean log loss in nats over the rows of the scored blocks. */
  readonly logLoss: number | null
  /** Mean log loss of identity less that of the kind: above 0 is better than nothing. */
  readonly gain: number | null
  /** Standard error of the gain, whole sessions taken as independent. */
  readonly gainError: number | null
  readonly reason?: string
}

/** A calibrator with the evidence for it. */
export interface CalibratorChoice {
  readonly calibrator: Calibrator
  /** Why it was chosen, in a sentence. */
  readonly reason: string
  /** Identity first, then the candidates as asked. Empty where there were too few sessions to compare. */
  readonly scores: readonly CandidateScore[]
  readonly rows: number
  readonly sessions: number
}

/**
 * Chooses a calibrator by nested log loss. The sessions, in rising order of their codes (time), are cut into
 * `blocks` + 1 groups; every candidate is fitted on the groups before each of the last `blocks` and scored on it, so no
 * row scores a map that saw it or anything after it. A candidate qualifies if its log loss is below identity's by at
 * least `standardErrors` standard errors of the difference. The difference is paired: it is taken row by row and summed
 * by session, so that what makes a session hard for both cancels, and sessions are what varies. Of those that qualify
 * the one that gains most is fitted on all rows. Where there are rows to `confirm` it, it must gain on them by as many standard
 * errors, over at least 5 sessions: out-of-fold predictions come from models that were trained on less, and what corrects them
 * need not correct the model that is served. Otherwise identity is kept: with few rows a fitted map is mostly noise.
 *
 * Simulated, 40 rows per session, log odds spread over [-2, 2], 100 trials each: a calibrated model keeps identity in 94% with 5 sessions and in 99% or
 * more from 8 on; a model whose log odds are 2.5 times too large is corrected in 78% with 5 sessions, 94% with 8 and
 * 100% from 12 on.
 *
 * `predictions` must be out of fold: predictions of rows that their model was fitted on are too good, and the
 * calibrator would learn that. Identity with a reason: fewer sessions than groups, one class only. Throws on bad or no
 * rows. O(blocks x candidates x rows log rows).
 */
export function chooseCalibrator(
  predictions: Values,
  outcomes: Values,
  sessions: Values,
  options: ChooseOptions = {},
): CalibratorChoice {
  const { candidates = FITTED_KINDS, blocks = 4, standardErrors = 2 } = options
  checkForecasts(predictions, outcomes)
  checkRows('sessions', sessions, predictions.length)
  checkCount('blocks', blocks, 1)
  if (!(standardErrors >= 0)) {
    throw new RangeError(`calibration: standardErrors=${standardErrors}: must be a number of at least 0.`)
  }
  const groups = groupRows(sessions, blocks + 1)
  const kept = { calibrator: { kind: 'identity' } as const, rows: predictions.length, sessions: groups.sessions }
  if (groups.sessions < blocks + 1) {
    const reason = `${groups.sessions} sessions are too few for the ${blocks + 1} groups of the comparison: kept as it is`
    return { ...kept, reason, scores: [] }
  }
  const scored = candidates.map((kind) => scoreKind(kind, { predictions, outcomes, sessions, groups }))
  const scores = [identityScore({ predictions, outcomes, sessions, groups }), ...scored]
  const best = scored
    .filter(
      ({ gain, gainError }) => gain !== null && gainError !== null && gain >= standardErrors * gainError && gain > 0,
    )
    .toSorted((a, b) => (b.gain as number) - (a.gain as number))[0]
  if (best === undefined || best.kind === 'identity') {
    return { ...kept, reason: `no map beat the raw forecasts by ${standardErrors} standard errors`, scores }
  }
  const fit = fitCalibrator(best.kind, predictions, outcomes)
  if (fit.calibrator === null) return { ...kept, reason: fit.reason, scores }
  const reason = `${best.kind} saves ${(best.gain as number).toFixed(4)} nats a row`
  const refused = options.confirm && unconfirmed(fit.calibrator, options.confirm, standardErrors)
  if (refused !== undefined) return { ...kept, reason: `${reason} out of fold, but ${refused}`, scores }
  return { ...kept, calibrator: fit.calibrator, reason, scores }
}

/** Why the rows do not confirm a calibrator; undefined where they do. */
function unconfirmed(
  calibrator: Calibrator,
  { predictions, outcomes, sessions }: ConfirmRows,
  standardErrors: number,
): string | undefined {
  const count = new Set(Array.from(sessions)).size
  if (count < CONFIRMING_SESSIONS) return `${count} later sessions of the model itself are too few to confirm it`
  const { gain, gainError } = meanBySessions(
    gainsBySession(applyCalibrator(calibrator, predictions), predictions, outcomes, sessions),
  )
  if (gain !== null && gainError !== null && gain > 0 && gain >= standardErrors * gainError) return undefined
  return `${(gain ?? 0).toFixed(4)} (standard error ${(gainError ?? 0).toFixed(4)}) on ${count} later sessions of the model itself`
}

interface SessionGain {
  gain: number
  rows: number
}

/** By session, what mapped predictions save against the predictions as they are. */
function gainsBySession(mapped: Values, predictions: Values, outcomes: Values, sessions: Values): SessionGain[] {
  const gains = new Map<number, SessionGain>()
  for (let row = 0; row < mapped.length; row++) {
    const outcome = outcomes[row] as number
    const sum = gains.get(sessions[row] as number) ?? { gain: 0, rows: 0 }
    sum.gain += surprise(predictions[row] as number, outcome) - surprise(mapped[row] as number, outcome)
    sum.rows++
    gains.set(sessions[row] as number, sum)
  }
  return [...gains.values()]
}

interface Groups {
  readonly sessions: number
  /** Group of each row, rising with the session's code. */
  readonly codes: Int32Array
  readonly count: number
}

/** Cuts the sessions, by rising code, into groups whose numbers of sessions differ by one at most. */
function groupRows(sessions: Values, count: number): Groups {
  const known = [...new Set(Array.from(sessions))].toSorted((a, b) => a - b)
  const groupOf = new Map(known.map((session, i) => [session, Math.floor((i * count) / known.length)]))
  return {
    sessions: known.length,
    codes: Int32Array.from(sessions, (session) => groupOf.get(session) as number),
    count,
  }
}

interface NestedRows {
  readonly predictions: Values
  readonly outcomes: Values
  readonly sessions: Values
  readonly groups: Groups
}

function identityScore({ predictions, outcomes, groups }: NestedRows): CandidateScore {
  let total = 0
  let rows = 0
  for (let row = 0; row < predictions.length; row++) {
    if (groups.codes[row] === 0) continue
    total += surprise(predictions[row] as number, outcomes[row] as number)
    rows++
  }
  return { kind: 'identity', logLoss: total / rows, gain: 0, gainError: 0 }
}

function scoreKind(kind: FittedKind, nested: NestedRows): CandidateScore {
  const { predictions, outcomes, sessions, groups } = nested
  const gains: SessionGain[] = []
  let total = 0
  for (let group = 1; group < groups.count; group++) {
    const before = rowsWhere(groups.codes, (code) => code < group)
    const fit = fitCalibrator(kind, take(predictions, before), take(outcomes, before))
    if (fit.calibrator === null) return { kind, logLoss: null, gain: null, gainError: null, reason: fit.reason }
    const rows = rowsWhere(groups.codes, (code) => code === group)
    const [p, y] = [take(predictions, rows), take(outcomes, rows)]
    const mapped = applyCalibrator(fit.calibrator, p)
    total += mapped.reduce((sum, value, i) => sum + surprise(value, y[i] as number), 0)
    gains.push(...gainsBySession(mapped, p, y, take(sessions, rows)))
  }
  const rows = gains.reduce((sum, part) => sum + part.rows, 0)
  return { kind, logLoss: total / rows, ...meanBySessions(gains) }
}

/** Mean gain a row with its standard error, from sums by session (ratio estimator, Cochran 1977, section 6.4). */
function meanBySessions(sums: readonly SessionGain[]): Pick<CandidateScore, 'gain' | 'gainError'> {
  const rows = sums.reduce((sum, part) => sum + part.rows, 0)
  const gain = sums.reduce((sum, part) => sum + part.gain, 0) / rows
  const squares = sums.reduce((sum, part) => sum + (part.gain - part.rows * gain) ** 2, 0)
  const gainError = sums.length < 2 ? null : Math.sqrt((squares * sums.length) / (sums.length - 1)) / rows
  return { gain, gainError }
}

const rowsWhere = (codes: Int32Array, keep: (code: number) => boolean): number[] =>
  [...codes.keys()].filter((row) => keep(codes[row] as number))

const take = (values: Values, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row] as number)
