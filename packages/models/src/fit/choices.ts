import type { LawCalibrationFit } from '@breakwater/passage'
import type { LawUncertainty } from '../law/uncertainty.ts'

/** What folds chose of a law. */
export interface LawChoices {
  /** Trees that correct volatility and that tilt the drift. */
  readonly correctionTrees: number
  readonly tiltTrees: number
  /** Trees that shift P(touch), by the last fold; 0 where it kept none. */
  readonly approachTrees: number
  /** The shift of the law as a whole, and how sure it is of itself. */
  readonly calibration: LawCalibrationFit
  readonly uncertainty: LawUncertainty | null
}

/** What the folds of a walk-forward chose, for a fit on all sessions, which leaves none to choose by. Plain data. */
export interface FinalChoices {
  /** Trees by head; a head that no fold trained is absent. */
  readonly rounds: Readonly<Record<string, number>>
  /** Null where the last fold has no law. */
  readonly law: LawChoices | null
}
