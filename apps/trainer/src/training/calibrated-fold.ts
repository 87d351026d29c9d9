import type { Fold } from '@breakwater/splits'
import { applyCalibrators } from './apply-calibrators.ts'
import { calibrateHeads, type HeadCalibration, type OutOfFold } from './calibrate-heads.ts'
import type { FoldInput, FoldOutput } from './fold.ts'
import { trainFold } from './fold.ts'
import { rowsOf } from './masks.ts'

/** One trained fold with a calibrator for each head. `calibrated` holds what is served, as `predictions` the trees. */
export interface CalibratedFold extends FoldOutput {
  readonly calibrations: ReadonlyMap<string, HeadCalibration>
  /** Empty where there was nothing to fit calibrators on. */
  readonly calibrated: ReadonlyMap<string, Float64Array>
}

/**
 * Trains a fold and calibrates it. The calibrators see predictions of rows that their model saw neither in training nor
 * in stopping: those of the test blocks of `inner` folds, each by a model of its own trained inside it, and those of the
 * fold's calibration dates by the served model. The fold's test rows are never among them. `onUnit` is told which
 * training begins: 0 to inner.length - 1 for the inner folds, then the fold itself.
 */
export async function trainCalibratedFold(
  input: FoldInput,
  inner: readonly Fold[],
  onUnit: (unit: number) => void,
): Promise<CalibratedFold> {
  const parts: OutOfFold[] = []
  for (const [unit, fold] of inner.entries()) {
    onUnit(unit)
    const { predictions, test } = await trainFold({ ...input, fold })
    parts.push({ predictions, rows: rowsOf(test) })
  }
  onUnit(inner.length)
  const served = await trainFold(input)
  const held = rowsOf(served.calibration)
  if (held.length > 0) parts.push({ predictions: served.predictions, rows: held })
  const targets = input.groups.flatMap((group) => group.targets)
  const calibrations = calibrateHeads(input.table, targets, parts)
  const calibrators = new Map([...calibrations].map(([name, { calibrator }]) => [name, calibrator]))
  const calibrated =
    parts.length === 0 ? new Map<string, Float64Array>() : applyCalibrators(served.predictions, calibrators)
  return { ...served, calibrations, calibrated }
}
