import { type HeadCalibrator, servedHeads } from '@breakwater/calibration'
import { reachImplications } from '@breakwater/features'

/**
 * What is served, as `servedHeads` defines it, for columns of predictions (one value a row, NaN passed through): every
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
