import { type Outcomes, weighting } from './composite.ts'
import { type DriftValues, driftValuesOfWeights } from './expert-values.ts'
import { checkLaw, type Law, type LawCalibration, NO_CALIBRATION, poweredLaw } from './law.ts'
import { checkSpec, probabilityCount, type SurfaceSpec } from './questions.ts'
import { type ExpertWriter, tabledWriter } from './tabled.ts'
import { tiltedProbabilities } from './tilt-objective.ts'
import { addRow, emptyEquations, solveLeastSquares } from './volatility/least-squares.ts'

/** Forecasts of a law by moments that it was not fitted on, with what became of them. Arrays have one entry a row. */
export interface CalibrationRows {
  readonly law: Law
  readonly spec: SurfaceSpec
  readonly displacement: Float64Array
  /** Volatility as forecast. */
  readonly sigma: Float64Array
  /** Tilt as forecast; 0 for none. */
  readonly tilt: Float64Array
  readonly outcomes: Outcomes
  /** Session of each row, rising with time. */
  readonly sessions: ArrayLike<number>
}

/** Whether a law is calibrated, and why. */
export interface LawCalibrationFit {
  /** {@link NO_CALIBRATION} unless it saved two standard errors. */
  readonly calibration: LawCalibration
  readonly reason: string
  /** Composite log loss that calibrations of earlier sessions saved in later ones, nats a row; null where none could be tried. */
  readonly saved: number | null
  /** Its standard error, by session. */
  readonly standardError: number | null
  readonly sessions: number
  readonly rows: number
}

/** Sessions are cut into so many blocks in order; each but the first is calibrated by those before it. */
const BLOCKS = 4
/** With fewer, three numbers and a standard error cannot be told from noise. */
const FEWEST_SESSIONS = 8
const ERRORS = 2
const STEPS = 3
/** Prior standard deviations of the shifts (log volatility, drift, log power): as much as has been seen to go wrong. */
const PRIOR = [0.3, 1, 0.5] as const
const LIMITS = [0.5, 2, 1] as const
/** A step that gains fewer nats than this is the last: a session weighs tens of them. */
const ENOUGH = 1e-3
const DIFFERENCE = 1e-3
const CLIP = 1e-5

/** Log volatility, drift and log power. */
type Shift = readonly [number, number, number]

const NO_SHIFT: Shift = [0, 0, 0]

/**
 * Calibrates a law as a whole: one shift of its log volatility, one of its drift and one power of its weights, by the composite log loss
 * and a normal prior around none (Fisher scoring). The surface stays that of one mixture, hence coherent. The shifts are used only
 * where those of earlier sessions save two standard errors in later ones, paired by session; else the law stays as it is. O(rows x questions x
 * experts x 20). Throws on sizes that differ.
 */
export function fitCalibration(rows: CalibrationRows): LawCalibrationFit {
  const names = [...new Set(Array.from(rows.sessions))].toSorted((a, b) => a - b)
  const counts = { sessions: names.length, rows: rows.sigma.length }
  if (names.length < FEWEST_SESSIONS) {
    const reason = `${names.length} out-of-fold sessions are too few to calibrate on (it needs ${FEWEST_SESSIONS}): kept as it is`
    return { calibration: NO_CALIBRATION, reason, saved: null, standardError: null, ...counts }
  }
  const problem = problemOf(rows)
  const { saved, standardError } = savedLater(problem, names)
  const told = `calibrations of earlier sessions saved ${saved.toFixed(5)} of log loss in later ones (standard error ${standardError.toFixed(5)}, ${names.length} sessions)`
  if (!(saved > ERRORS * standardError)) {
    return { calibration: NO_CALIBRATION, reason: `${told}: kept as it is`, saved, standardError, ...counts }
  }
  const [volatility, drift, power] = shiftOf(problem)
  const calibration = { volatility, drift, power: Math.exp(power) }
  return { calibration, reason: `${told}: calibrated`, saved, standardError, ...counts }
}

/** Rows with every weight filled in; a part of them keeps the weights of the whole. */
interface Problem {
  readonly write: ExpertWriter
  readonly law: Law
  readonly spec: SurfaceSpec
  readonly displacement: Float64Array
  readonly sigma: Float64Array
  readonly tilt: Float64Array
  readonly labels: Int8Array
  readonly rowWeights: Float64Array
  readonly questionWeights: ArrayLike<number>
  readonly sessions: Float64Array
}

function problemOf({ outcomes, sessions, tilt, ...rest }: CalibrationRows): Problem {
  const rows = rest.sigma.length
  const questions = probabilityCount(rest.spec)
  const { labels, rowWeights, questionWeights } = weighting({ rows, questions }, outcomes)
  for (const [name, { length }] of Object.entries({ displacement: rest.displacement, sessions, tilt })) {
    if (length === rows) continue
    throw new RangeError(`passage: calibration.${name}.length=${length}: must be one per row. There are ${rows} rows.`)
  }
  checkLaw(rest.law)
  checkSpec(rest.spec)
  const write = tabledWriter(rest.law.experts, rest.spec)
  return {
    ...rest,
    write,
    tilt,
    labels,
    rowWeights: Float64Array.from(rowWeights),
    questionWeights,
    sessions: Float64Array.from(sessions),
  }
}

function partOf(problem: Problem, keep: (session: number) => boolean): Problem {
  const rows = Array.from(problem.sessions.keys()).filter((row) => keep(problem.sessions[row] as number))
  const take = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
  const questions = probabilityCount(problem.spec)
  const labels = new Int8Array(rows.length * questions)
  for (const [i, row] of rows.entries()) {
    labels.set(problem.labels.subarray(row * questions, (row + 1) * questions), i * questions)
  }
  return {
    ...problem,
    labels,
    displacement: take(problem.displacement),
    sigma: take(problem.sigma),
    tilt: take(problem.tilt),
    rowWeights: take(problem.rowWeights),
    sessions: take(problem.sessions),
  }
}

/** Values of the law's experts by drift under a shift of volatility and several of power: all that takes long. */
function valuesAt(problem: Problem, volatility: number, powers: readonly number[]): DriftValues[] {
  const { write, law, spec, displacement, sigma } = problem
  const scale = Math.exp(volatility)
  const moments = { displacement, sigma: sigma.map((one) => one * scale) }
  const weights = powers.map((power) => poweredLaw(law, Math.exp(power)).weights)
  return driftValuesOfWeights({ write, experts: law.experts, spec, moments }, weights)
}

/** Probabilities of all questions, `[row * questions + h]`, kept off 0 and 1. */
function probabilitiesOf(values: DriftValues, { tilt }: Problem, drift: number): Float64Array {
  const p = tiltedProbabilities(
    values,
    tilt.map((theta) => theta + drift),
  )
  return p.map((one) => Math.min(1 - CLIP, Math.max(CLIP, one)))
}

function probabilitiesAt(problem: Problem, [volatility, drift, power]: Shift): Float64Array {
  const [values] = valuesAt(problem, volatility, [power])
  return probabilitiesOf(values as DriftValues, problem, drift)
}

/** Weighted log loss of each row. */
function rowLosses({ labels, rowWeights, questionWeights }: Problem, p: Float64Array): Float64Array {
  const questions = questionWeights.length
  return rowWeights.map((weight, row) => {
    let loss = 0
    for (let h = 0; h < questions; h++) {
      const label = labels[row * questions + h] as number
      const one = p[row * questions + h] as number
      if (label >= 0) loss -= (questionWeights[h] as number) * Math.log(label === 1 ? one : 1 - one)
    }
    return weight * loss
  })
}

const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0)

/** Loss that a shift of the blocks before saved in each later session, added up over the weight of its rows, with its error. */
function savedLater(
  problem: Problem,
  names: readonly number[],
): { readonly saved: number; readonly standardError: number } {
  const saved = new Map<number, number>()
  let total = 0
  for (let block = 1; block < BLOCKS; block++) {
    const [from, to] = [block, block + 1].map((b) => names[Math.round((b * names.length) / BLOCKS)] ?? Infinity) as [
      number,
      number,
    ]
    const later = partOf(problem, (session) => session >= from && session < to)
    const shift = shiftOf(partOf(problem, (session) => session < from))
    const [before, after] = [NO_SHIFT, shift].map((one) => rowLosses(later, probabilitiesAt(later, one))) as [
      Float64Array,
      Float64Array,
    ]
    for (const [row, session] of later.sessions.entries()) {
      saved.set(session, (saved.get(session) ?? 0) + (before[row] as number) - (after[row] as number))
      total += later.rowWeights[row] as number
    }
  }
  const perSession = [...saved.values()]
  const sum = sumOf(perSession)
  const mean = sum / perSession.length
  const variance = sumOf(perSession.map((value) => (value - mean) ** 2)) / (perSession.length - 1)
  return { saved: sum / total, standardError: Math.sqrt(perSession.length * variance) / total }
}

/** The shift of least loss and prior: steps of Fisher scoring from none, as long as they help. */
function shiftOf(problem: Problem): Shift {
  let best: Shift = NO_SHIFT
  let values = valuesAround(problem, best)
  let least = sumOf(rowLosses(problem, probabilitiesOf(values.here, problem, 0)))
  for (let step = 0; step < STEPS; step++) {
    const next = stepFrom(problem, best, values)
    const there = valuesAround(problem, next)
    const objective = sumOf(rowLosses(problem, probabilitiesOf(there.here, problem, next[1]))) + priorOf(next)
    if (!(objective < least)) break
    const isDone = least - objective < ENOUGH
    best = next
    values = there
    least = objective
    if (isDone) break
  }
  return best
}

const priorOf = (shift: Shift): number => sumOf(shift.map((value, j) => value ** 2 / (2 * (PRIOR[j] as number) ** 2)))

/** Values at a shift, and at a power next to it: the experts say the same. */
interface ValuesAround {
  readonly here: DriftValues
  readonly powered: DriftValues
}

function valuesAround(problem: Problem, [volatility, , power]: Shift): ValuesAround {
  const [here, powered] = valuesAt(problem, volatility, [power, power + DIFFERENCE]) as [DriftValues, DriftValues]
  return { here, powered }
}

function stepFrom(problem: Problem, at: Shift, { here, powered }: ValuesAround): Shift {
  const [volatility, drift, power] = at
  const p = probabilitiesOf(here, problem, drift)
  const slopes = [
    probabilitiesAt(problem, [volatility + DIFFERENCE, drift, power]),
    probabilitiesOf(here, problem, drift + DIFFERENCE),
    probabilitiesOf(powered, problem, drift),
  ].map((moved) => moved.map((value, i) => (value - (p[i] as number)) / DIFFERENCE))
  const { labels, rowWeights, questionWeights } = problem
  const questions = questionWeights.length
  const normal = emptyEquations(at.length)
  for (const [i, label] of labels.entries()) {
    if (label < 0) continue
    const q = p[i] as number
    const weight =
      ((rowWeights[Math.floor(i / questions)] as number) * (questionWeights[i % questions] as number)) / (q * (1 - q))
    const root = Math.sqrt(weight)
    addRow(
      normal,
      Float64Array.from(slopes, (slope) => root * (slope[i] as number)),
      root * (label - q),
    )
  }
  for (const [j, value] of at.entries()) {
    const precision = 1 / (PRIOR[j] as number)
    addRow(
      normal,
      Float64Array.from(at, (_, k) => Number(j === k) * precision),
      -precision * value,
    )
  }
  const step = solveLeastSquares(normal, 0)
  return at.map((value, j) => {
    const limit = LIMITS[j] as number
    return Math.min(limit, Math.max(-limit, value + (step[j] as number)))
  }) as unknown as Shift
}
