export {
  checkSweep,
  type OptionSpace,
  type OptionValue,
  type SweepConfig,
  SWEPT_METRICS,
  type SweptMetric,
} from './sweep/config.ts'
export { rankTrials, scoreTrial, type TrialScore } from './sweep/score.ts'
export { openSweep, type SweepState, type TrialResult } from './sweep/state.ts'
export { planTrials, type Trial } from './sweep/trials.ts'
