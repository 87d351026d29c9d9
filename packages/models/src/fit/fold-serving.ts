import type { Fold } from '@breakwater/splits'
import type { HeadCalibration } from './calibrators.ts'
import type { HeadUncertainty } from './head-uncertainty.ts'
import type { ServingChoice } from './serving.ts'

/** What is served of a fold. Columns have one value a table row, NaN outside the rows that the fold predicts. */
export interface FoldServing {
  /** Whether the law or the heads' own trees are served, by what both forecast out of fold. */
  readonly serving: ServingChoice
  /** What is served of every head, coherent row by row. */
  readonly served: ReadonlyMap<string, Float64Array>
  readonly calibrations: ReadonlyMap<string, HeadCalibration>
  /** How sure the calibrated heads are, by head. */
  readonly uncertainties: ReadonlyMap<string, HeadUncertainty>
  /** The heads' own forecasts after their calibrators. */
  readonly calibrated: ReadonlyMap<string, Float64Array>
  /** Forecasts of direction by what is served, out of fold: those of inner folds; without any, of the fold on its calibration dates. */
  readonly directions: readonly DirectionEvidence[]
}

/** Forecasts of direction of rows that neither their model nor any calibrator saw. */
export interface DirectionEvidence {
  /** The fold whose models made them. */
  readonly fold: Fold
  /** Rows of the signals. */
  readonly rows: Int32Array
  /** By head, one value for each of `rows`. */
  readonly values: ReadonlyMap<string, Float64Array>
}
