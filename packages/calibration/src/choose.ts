import { applyCalibrator, type Calibrator } from './calibrator.ts'
import { checkCount, checkForecasts, checkRows, type Values } from './check.ts'
import { calibratorOf, checkKind, FITTED_KINDS, type FittedKind } from './fit.ts'
import { fitOrder, type FitRows, rowsInOrder } from './fit-rows.ts'
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
  for (const kind of candidates) checkKind(kind)
  const groups = groupRows(sessions, blocks + 1)
  const kept = { calibrator: { kind: 'identity' } as const, rows: predictions.length, sessions: groups.sessions }
  if (groups.sessions < blocks + 1) {
    const reason = `${groups.sessions} sessions are too few for the ${blocks + 1} groups of the comparison: kept as it is`
    return { ...kept, reason, scores: [] }
  }
  const order = fitOrder(predictions, outcomes)
  const nested = Array.from({ length: blocks }, (_, i) =>
    nestedBlock({ predictions, outcomes, sessions }, order, groups.codes, i + 1),
  )
  const scored = candidates.map((kind) => scoreKind(kind, nested))
  const scores = [identityScore(nested), ...scored]
  const best = scored
    .filter(
      ({ gain, gainError }) => gain !== null && gainError !== null && gain >= standardErrors * gainError && gain > 0,
    )
    .toSorted((a, b) => (b.gain as number) - (a.gain as number))[0]
  if (best === undefined || best.kind === 'identity') {
    return { ...kept, reason: `no map beat the raw forecasts by ${standardErrors} standard errors`, scores }
  }
  const fit = calibratorOf(best.kind, rowsInOrder(order, predictions, outcomes))
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
    gainsBySession(
      surprises(applyCalibrator(calibrator, predictions), outcomes),
      surprises(predictions, outcomes),
      sessions,
    ),
  )
  if (gain !== null && gainError !== null && gain > 0 && gain >= standardErrors * gainError) return undefined
  return `${(gain ?? 0).toFixed(4)} (standard error ${(gainError ?? 0).toFixed(4)}) on ${count} later sessions of the model itself`
}

interface SessionGain {
  gain: number
  rows: number
}

const surprises = (probabilities: Values, outcomes: Values): Float64Array =>
  Float64Array.from(outcomes, (outcome, row) => surprise(probabilities[row] as number, outcome))

/** By session, what mapped predictions save against the predictions as they are, from the log losses of both by row. */
function gainsBySession(mapped: Float64Array, raw: Float64Array, sessions: Values): SessionGain[] {
  const gains = new Map<number, SessionGain>()
  for (let row = 0; row < mapped.length; row++) {
    const session = sessions[row] as number
    let sum = gains.get(session)
    if (sum === undefined) gains.set(session, (sum = { gain: 0, rows: 0 }))
    sum.gain += (raw[row] as number) - (mapped[row] as number)
    sum.rows++
  }
  return [...gains.values()]
}

interface Groups {
  readonly sessions: number
  /** Group of each row, rising with the session's code. */
  readonly codes: Int32Array
}

/** Cuts the sessions, by rising code, into groups whose numbers of sessions differ by one at most. */
function groupRows(sessions: Values, count: number): Groups {
  const known = [...new Set(Array.from(sessions))].toSorted((a, b) => a - b)
  const groupOf = new Map(known.map((session, i) => [session, Math.floor((i * count) / known.length)]))
  return {
    sessions: known.length,
    codes: Int32Array.from(sessions, (session) => groupOf.get(session) as number),
  }
}

/** The rows that candidates are scored on, and those before them that each is fitted on. */
interface NestedBlock extends ConfirmRows {
  readonly before: FitRows | string
  /** Log loss of each row's prediction as it is. */
  readonly raw: Float64Array
}

function nestedBlock(rows: ConfirmRows, order: Uint32Array, codes: Int32Array, group: number): NestedBlock {
  const held = Uint32Array.from(codes.keys()).filter((row) => codes[row] === group)
  const before = order.filter((row) => (codes[row] as number) < group)
  const [predictions, outcomes, sessions] = [rows.predictions, rows.outcomes, rows.sessions].map((values) =>
    Float64Array.from(held, (row) => values[row] as number),
  ) as [Float64Array, Float64Array, Float64Array]
  return {
    predictions,
    outcomes,
    sessions,
    before: rowsInOrder(before, rows.predictions, rows.outcomes),
    raw: surprises(predictions, outcomes),
  }
}

function identityScore(nested: readonly NestedBlock[]): CandidateScore {
  const rows = nested.reduce((sum, { raw }) => sum + raw.length, 0)
  return {
    kind: 'identity',
    logLoss: nested.reduce((sum, { raw }) => sum + total(raw), 0) / rows,
    gain: 0,
    gainError: 0,
  }
}

function scoreKind(kind: FittedKind, nested: readonly NestedBlock[]): CandidateScore {
  const gains: SessionGain[] = []
  let sum = 0
  for (const { predictions, outcomes, sessions, before, raw } of nested) {
    const fit = calibratorOf(kind, before)
    if (fit.calibrator === null) return { kind, logLoss: null, gain: null, gainError: null, reason: fit.reason }
    const mapped = surprises(applyCalibrator(fit.calibrator, predictions), outcomes)
    sum += total(mapped)
    gains.push(...gainsBySession(mapped, raw, sessions))
  }
  const rows = gains.reduce((count, part) => count + part.rows, 0)
  return { kind, logLoss: sum / rows, ...meanBySessions(gains) }
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/** Mean gain a row with its standard error, from sums by session (ratio estimator, Cochran 1977, section 6.4). */
function meanBySessions(sums: readonly SessionGain[]): Pick<CandidateScore, 'gain' | 'gainError'> {
  const rows = sums.reduce((sum, part) => sum + part.rows, 0)
  const gain = sums.reduce((sum, part) => sum + part.gain, 0) / rows
  const squares = sums.reduce((sum, part) => sum + (part.gain - part.rows * gain) ** 2, 0)
  const gainError = sums.length < 2 ? null : Math.sqrt((squares * sums.length) / (sums.length - 1)) / rows
  return { gain, gainError }
}
