import {
  type CandidateScore,
  chooseCalibrator,
  conformalRadius,
  type HeadCalibrator,
  servedHeads,
} from '@breakwater/calibration'
import { type HeadTarget, reachImplications, type Table, stringColumn } from '@breakwater/features'

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

/** Level of the intervals of strength; four sessions are the fewest that determine them. */
const INTERVAL_LEVEL = 0.8
/** Blocks of sessions that candidates are compared on, where there are as many. */
const MOST_BLOCKS = 4

/** Fits the calibrator of every head on its out-of-fold predictions alone. */
export function calibrateHeads(
  table: Table,
  targets: readonly HeadTarget[],
  parts: readonly OutOfFoldPredictions[],
): Map<string, HeadCalibration> {
  const sessions = sessionRanks(table)
  return new Map(targets.map((target) => [target.name, calibrateHead(target, parts, sessions)]))
}

/** Position of each row's date among the table's dates in order. */
export function sessionRanks(table: Table): Int32Array {
  const { codes, dictionary } = stringColumn(table, 'date')
  const ranks = new Map(dictionary.toSorted().map((date, rank) => [date, rank]))
  return codes.map((code) => ranks.get(dictionary[code] ?? '') ?? -1)
}

function calibrateHead(target: HeadTarget, parts: readonly OutOfFoldPredictions[], ranks: Int32Array): HeadCalibration {
  const p: number[] = []
  const y: number[] = []
  const sessions: number[] = []
  for (const { rows, predictions } of parts) {
    const values = predictions.get(target.name)
    for (const row of values === undefined ? [] : rows) {
      const value = values?.[row] ?? Number.NaN
      if (target.mask[row] !== 1 || Number.isNaN(value)) continue
      p.push(value)
      y.push(target.values[row] as number)
      sessions.push(ranks[row] as number)
    }
  }
  const counts = { rows: p.length, sessions: new Set(sessions).size }
  if (p.length === 0) {
    const reason = parts.length === 0 ? 'no inner folds' : 'no out-of-fold prediction has a target'
    return { calibrator: null, reason, ...counts, scores: [] }
  }
  if (target.task === 'regression') return { ...intervalOf(p, y, sessions), ...counts, scores: [] }
  const blocks = Math.max(1, Math.min(MOST_BLOCKS, counts.sessions - 1))
  return chooseCalibrator(p, y, sessions, { blocks })
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
