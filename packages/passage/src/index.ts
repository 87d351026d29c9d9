export { type BarrierCurve, barrierCurve } from './barrier-curve.ts'
export { type Barrier, type BarrierOptions, type BarrierReach, createBarrier } from './barrier.ts'
export { incoherence, projectCoherent } from './coherent.ts'
export type { Outcomes } from './composite.ts'
export { DIRECTIONS } from './directions.ts'
export { type DriftValues, driftValues, type ExpertValues, expertValues, type Moments } from './expert-values.ts'
export { defaultExperts, type DiffusionExpert, type Expert, type JumpExpert } from './experts.ts'
export { expectedMaximum } from './extremes.ts'
export { type CalibrationRows, fitCalibration, type LawCalibrationFit } from './fit-calibration.ts'
export { fitLaw, type LawRows } from './fit-law.ts'
export { fitWeights, type FitWeightsOptions, type WeightsFit } from './fit-weights.ts'
export { type FirstGradient, firstGradient } from './gradients.ts'
export { type Law, LAW_VERSION, type LawCalibration, lawFromJson, NO_CALIBRATION, poweredLaw } from './law.ts'
export { type Clock, type Moment, type Past, settled, type SettledReason } from './moment.ts'
export { erfcx } from './normal.ts'
export { hit, type HitGradient, hitGradient } from './one-barrier.ts'
export { type Question, type Side, surfaceQuestions, type SurfaceSpec } from './questions.ts'
export { createSurface, type Surface, type SurfaceMethod, type SurfaceOptions } from './surface.ts'
export { type RowTilt, tiltedProbabilities, type TiltObjective, tiltObjective, tiltOfRow } from './tilt-objective.ts'
export { driftGroups, type DriftGroups } from './tilt.ts'
export { either, first } from './two-barriers.ts'
export { type MinuteRange, type SessionBars, volatilityFromRange } from './volatility/bars.ts'
export { fitVolatility, forecastSessions } from './volatility/fit.ts'
export { addRow, emptyEquations, type NormalEquations, solveLeastSquares } from './volatility/least-squares.ts'
export { forecastVolatility, VOLATILITY_VERSION, volatilityFromJson, type VolatilityModel } from './volatility/model.ts'
export { fitProfile } from './volatility/profile.ts'
export {
  beginVolatility,
  beginVolatilitySession,
  pushRange,
  VOLATILITY_FEATURES,
  volatilityFeatures,
  type VolatilityState,
} from './volatility/stream.ts'
