import {
  brierBySession,
  expectedCalibrationError,
  logLoss,
  reliabilityCurve,
  sessionBlockBootstrap,
  smoothCalibrationError,
} from '@breakwater/calibration'
import type { KindScores } from '../report/calibration.ts'
import type { CommonRows } from './common-rows.ts'
import { BINS, LEVEL, mean, SAMPLES, scoreOf, valuesOf } from './score-binary.ts'

/** Scores of a binary head for the touches of each kind of level, most touches first. */
export function scoreKinds(rows: CommonRows, seed: number): KindScores[] {
  const rowsOf = new Map<string, number[]>()
  for (const [row, kind] of rows.kinds.entries()) {
    const list = rowsOf.get(kind)
    if (list === undefined) rowsOf.set(kind, [row])
    else list.push(row)
  }
  return [...rowsOf]
    .toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .map(([kind, chosen]) => scoreKind(rows, kind, chosen, seed))
}

function scoreKind(rows: CommonRows, kind: string, chosen: readonly number[], seed: number): KindScores {
  const take = (values: Float64Array): Float64Array => Float64Array.from(chosen, (row) => values[row] as number)
  const y = take(rows.targets)
  const sessions = Int32Array.from(chosen, (row) => rows.sessions[row] as number)
  const columns = [...rows.values.keys()].map((id) => {
    const p = take(valuesOf(rows, id))
    const { brier } = sessionBlockBootstrap(
      sessions,
      { brier: brierBySession(p, y) },
      { seed, samples: SAMPLES, level: LEVEL },
    )
    const figures = {
      brier: scoreOf(brier),
      logLoss: logLoss(p, y),
      ece: expectedCalibrationError(reliabilityCurve(p, y, { bins: BINS })),
      smoothEce: smoothCalibrationError(p, y).value,
      meanPrediction: mean(p),
    }
    return [id, figures] as const
  })
  return {
    kind,
    rows: chosen.length,
    sessions: new Set(sessions).size,
    observedRate: mean(y),
    columns: Object.fromEntries(columns),
  }
}
