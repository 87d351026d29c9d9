export {
  checkSweep,
  type OptionSpace,
  type OptionValue,
  type SweepConfig,
  SWEPT_METRICS,
  type SweptMetric,
} from './sweep/config.ts'
export { rungsOf, survivorsOf } from './sweep/halving.ts'
export { optunaJournal } from './sweep/optuna.ts'
export { type AnsweredRows, answeredRows, askQuestion, planQuestion, type SweepQuestion } from './sweep/question.ts'
export { runTrials, type SweepWork } from './sweep/run.ts'
export { chooseTrial, type ChosenTrial, rankTrials, scoreTrial } from './sweep/score.ts'
export { type FinishedTrial, openSweep, type SweepState, type TrialResult } from './sweep/state.ts'
export { runTrial, type TrialRequest } from './sweep/trial.ts'
export { planTrials, type Trial, type TrialScore, trialText } from './sweep/trials.ts'
