export { type EnsembleOptions, type EnsembleResult, mixBreak, type NeighbourVote } from './ensemble.ts'
export {
  feasibilityGate,
  type FeasibilityMask,
  type GateInputs,
  type GateOptions,
  type GateRule,
  shiftLogit,
} from './feasibility.ts'
export { type OutcomeProbabilities, outcomeProbabilities, utilityScore } from './outcome.ts'
export { type NeighbourShares, neighbourVote } from './vote.ts'
