import { applyCalibrator, calibratorFromJson, coherentProbabilities, conformalFromJson } from '@breakwater/calibration'
import { reachImplications } from '@breakwater/features'
import type { HeadCalibrator } from './calibrate-heads.ts'

/**
 * What is served: every head's calibrator applied to its predictions (one value a row, NaN passed through), and then the
 * reach heads made coherent row by row, because maps fitted one by one need not agree that $2 implies $1. A head
 * without a calibrator, and a regression (whose calibrator is an interval around it), keeps its predictions.
 */
export function applyCalibrators(
  predictions: ReadonlyMap<string, Float64Array>,
  calibrators: ReadonlyMap<string, HeadCalibrator | null>,
): Map<string, Float64Array> {
  const mapped = new Map<string, Float64Array>()
  for (const [name, values] of predictions) {
    const calibrator = calibrators.get(name) ?? null
    mapped.set(name, calibrator === null || calibrator.kind === 'conformal' ? values : mapKnown(calibrator, values))
  }
  return coherent(mapped)
}

/** Applies a calibrator where there is a prediction. */
function mapKnown(calibrator: Parameters<typeof applyCalibrator>[0], values: Float64Array): Float64Array {
  const known = applyCalibrator(
    calibrator,
    values.filter((value) => !Number.isNaN(value)),
  )
  let next = 0
  return values.map((value) => (Number.isNaN(value) ? value : (known[next++] as number)))
}

function coherent(heads: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const names = [...heads.keys()]
  const implications = reachImplications(names)
  const joined = new Set(implications.flatMap(({ lower, upper }) => [lower, upper]))
  if (joined.size === 0) return new Map(heads)
  const out = new Map(
    names.map((name, i) => [name, joined.has(i) ? new Float64Array(heads.get(name) ?? []) : heads.get(name)]),
  )
  const columns = [...out.values()].map((values) => values ?? new Float64Array())
  const surface = new Float64Array(names.length)
  for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
    for (const i of surface.keys()) surface[i] = joined.has(i) ? (columns[i]?.[row] as number) : Number.NaN
    const settled = coherentProbabilities(surface, implications)
    for (const i of joined) (columns[i] as Float64Array)[row] = settled[i] as number
  }
  return new Map(names.map((name, i) => [name, columns[i] as Float64Array]))
}

/** The calibrator in a bundle's description; null where there is none. `head` names it in the error. */
export function headCalibratorFromJson(
  value: unknown,
  head: string,
  task: 'binary' | 'regression',
): HeadCalibrator | null {
  if (value === null) return null
  return task === 'regression' ? conformalFromJson(value, head) : calibratorFromJson(value, head)
}
