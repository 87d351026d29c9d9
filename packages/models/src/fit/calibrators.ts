import {
  type CandidateScore,
  chooseCalibrator,
  conformalRadius,
  FITTED_KINDS,
  type FittedKind,
  type HeadCalibrator,
  servedHeads,
} from '@breakwater/calibration'
import { type HeadTarget, reachImplications, type Table, stringColumn, timesOf } from '@breakwater/features'

/** The calibrator of one head with the evidence for it; `calibrator` is null where the rows determine none. */
export interface HeadCalibration {
  readonly calibrator: HeadCalibrator | null
  readonly reason: string
  /** Out-of-fold rows and sessions that it was fitted on. */
  readonly rows: number
  readonly sessions: number
  /** How the candidates did; empty for a regression. */
  readonly scores: readonly CandidateScore[]
}

/** Predictions, one a table row, of which those at `rows` were made by models that saw neither them nor later rows. */
export interface OutOfFoldPredictions {
  readonly rows: Int32Array
  readonly predictions: ReadonlyMap<string, Float64Array>
}

const NS_PER_SECOND = 1_000_000_000n
/** Level of the intervals of strength; four sessions are the fewest that determine them. */
const INTERVAL_LEVEL = 0.8
/** Blocks of sessions that candidates are compared on, where there are as many. */
const MOST_BLOCKS = 4

/** What the calibrators of one fold are fitted on. */
export interface CalibrationRows {
  readonly table: Table
  readonly targets: readonly HeadTarget[]
  /** Predictions that no map has seen: those of inner folds' models, and of the served model on calibration dates. */
  readonly parts: readonly OutOfFoldPredictions[]
  /** Predictions of the served model on dates that stopped its training: a map has to help these too. */
  readonly confirm: OutOfFoldPredictions
  /** Why no map is fitted to probabilities, which are then kept as they are; null where maps are. */
  readonly noMaps?: string | null | undefined
}

/**
 * Why the predictions of so many inner folds, and of the fold's own model where it has calibration dates, are no ground for maps; null where they
 * are. One inner fold is one model, which has seen half of the sessions that the served one sees: what is wrong with its probabilities need not
 * be wrong with those served. With two and more the last has seen most of them.
 */
export function whyNoMaps(inner: number, hasCalibrationDates: boolean): string | null {
  if (inner !== 1 || hasCalibrationDates) return null
  return 'one inner fold alone, whose model saw half of the sessions; maps take at least two: kept as it is'
}

/**
 * Seconds apart from which two touches of a session count as separate: their label windows do not overlap at the primary
 * anchor.
 */
const SEPARATE_SECONDS = 480

/**
 * Separate events of the rarer outcome that a map needs, 20 for each of its parameters (Peduzzi et al. 1996 ask for 10); a map
 * without parameters counts as ten.
 */
const EVENTS_NEEDED: Readonly<Record<FittedKind, number>> = {
  temperature: 20,
  platt: 40,
  beta: 60,
  'centred-isotonic': 200,
  isotonic: 200,
  'venn-abers': 200,
}

/**
 * Fits the calibrator of every head on its out-of-fold predictions. A probability is left as it is unless a map that its events
 * can carry beats it out of fold, and again on the served model's own later predictions, see `chooseCalibrator`.
 */
export function calibrateHeads({
  table,
  targets,
  parts,
  confirm,
  noMaps = null,
}: CalibrationRows): Map<string, HeadCalibration> {
  const sessions = sessionRanks(table)
  const starts = timesOf(table, 'ts_ns')
  return new Map(
    targets.map((target) => {
      const rows = parts.map((part) => scoredRows(target, part, sessions))
      const none = parts.length === 0 ? 'no inner folds' : 'no out-of-fold prediction has a target'
      const fitted = concatenate(rows)
      if (fitted.rows.length === 0) return [target.name, { calibrator: null, reason: none, ...NO_ROWS }]
      if (noMaps !== null && target.task === 'binary') return [target.name, { ...kept(fitted), reason: noMaps }]
      return [target.name, calibrateHead(target, fitted, scoredRows(target, confirm, sessions), starts)]
    }),
  )
}

/** Position of each row's date among the table's dates in order. */
export function sessionRanks(table: Table): Int32Array {
  const { codes, dictionary } = stringColumn(table, 'date')
  const ranks = new Map(dictionary.toSorted().map((date, rank) => [date, rank]))
  return codes.map((code) => ranks.get(dictionary[code] ?? '') ?? -1)
}

const NO_ROWS = { rows: 0, sessions: 0, scores: [] }

/** Predictions of one head with their targets, sessions and table rows. */
interface ScoredRows {
  readonly predictions: readonly number[]
  readonly outcomes: readonly number[]
  readonly sessions: readonly number[]
  readonly rows: readonly number[]
}

function scoredRows(target: HeadTarget, { rows, predictions }: OutOfFoldPredictions, ranks: Int32Array): ScoredRows {
  const values = predictions.get(target.name)
  const known = [...(values === undefined ? [] : rows)].filter(
    (row) => target.mask[row] === 1 && !Number.isNaN(values?.[row]),
  )
  return {
    predictions: known.map((row) => values?.[row] as number),
    outcomes: known.map((row) => target.values[row] as number),
    sessions: known.map((row) => ranks[row] as number),
    rows: known,
  }
}

const concatenate = (parts: readonly ScoredRows[]): ScoredRows => ({
  predictions: parts.flatMap(({ predictions }) => predictions),
  outcomes: parts.flatMap(({ outcomes }) => outcomes),
  sessions: parts.flatMap(({ sessions }) => sessions),
  rows: parts.flatMap(({ rows }) => rows),
})

function calibrateHead(
  target: HeadTarget,
  fitted: ScoredRows,
  confirm: ScoredRows,
  starts: BigInt64Array,
): HeadCalibration {
  const { predictions, outcomes, sessions, rows } = fitted
  const counts = { rows: rows.length, sessions: new Set(sessions).size }
  if (target.task === 'regression') return { ...intervalOf(predictions, outcomes, sessions), ...counts, scores: [] }
  const events = rarerEvents(fitted, starts)
  const candidates = FITTED_KINDS.filter((kind) => events >= EVENTS_NEEDED[kind])
  if (candidates.length === 0) {
    const reason = `${events} separate events are too few for any map (the simplest needs ${EVENTS_NEEDED.temperature}): kept as it is`
    return { ...kept(fitted), reason }
  }
  const blocks = Math.max(1, Math.min(MOST_BLOCKS, counts.sessions - 1))
  return chooseCalibrator(predictions, outcomes, sessions, { candidates, blocks, confirm })
}

/** A probability that is left as it is. */
const kept = ({ rows, sessions }: ScoredRows): Omit<HeadCalibration, 'reason'> => ({
  calibrator: { kind: 'identity' },
  rows: rows.length,
  sessions: new Set(sessions).size,
  scores: [],
})

/** Events of the rarer outcome whose label windows do not overlap: of those that do, the first counts. */
function rarerEvents({ outcomes, rows }: ScoredRows, starts: BigInt64Array): number {
  const separate = (outcome: number): number => {
    const times = rows
      .filter((_, i) => outcomes[i] === outcome)
      .map((row) => Number((starts[row] as bigint) / NS_PER_SECOND))
      .toSorted((a, b) => a - b)
    let count = 0
    let last = Number.NEGATIVE_INFINITY
    for (const second of times) {
      if (second < last + SEPARATE_SECONDS) continue
      last = second
      count++
    }
    return count
  }
  return Math.min(separate(0), separate(1))
}

function intervalOf(
  p: readonly number[],
  y: readonly number[],
  sessions: readonly number[],
): Pick<HeadCalibration, 'calibrator' | 'reason'> {
  const errors = p.map((value, i) => Math.abs(value - (y[i] ?? Number.NaN)))
  const radius = conformalRadius(errors, sessions, INTERVAL_LEVEL)
  if (radius.value === null) return { calibrator: null, reason: radius.reason }
  return {
    calibrator: { kind: 'conformal', level: INTERVAL_LEVEL, radius: radius.value },
    reason: `split conformal over ${new Set(sessions).size} sessions`,
  }
}

/**
 * Calibrated heads as they are served, as `servedHeads` defines them, for columns of predictions (one value per row, NaN passed through): every
 * head's calibrator applied, and the reach heads made coherent row by row. A head without a calibrator keeps its
 * predictions.
 */
export function applyCalibrators(
  predictions: ReadonlyMap<string, Float64Array>,
  calibrators: ReadonlyMap<string, HeadCalibrator | null>,
): Map<string, Float64Array> {
  const names = [...predictions.keys()]
  const columns = [...predictions.values()]
  const rows = columns[0]?.length ?? 0
  const values = new Float64Array(names.length * rows)
  for (const [head, column] of columns.entries()) values.set(column, head * rows)
  servedHeads(
    names.map((name) => calibrators.get(name) ?? null),
    reachImplications(names),
  ).apply(values, rows)
  return new Map(names.map((name, head) => [name, values.slice(head * rows, (head + 1) * rows)]))
}
