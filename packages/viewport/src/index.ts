export { AnswerError, type Answers, jointInterval } from './answers.ts'
export { type FanOut, fanOut, type FanOutCounts, type FanOutOptions, type Reader } from './door/fan-out.ts'
export { type IncomingBar, type IncomingLevel, type IncomingSnapshot, MAX_MS } from './door/incoming.ts'
export { type Latest, latestOnly } from './door/latest.ts'
export { type SnapshotLimits, snapshotLimits } from './door/limits.ts'
export type { BarFault, PlausibilityOptions } from './door/plausibility.ts'
export { publishable } from './door/publishable.ts'
export { type Message, type MessageFault, readMessage } from './door/read-message.ts'
export { countName, readBar, type ReadSnapshot, readSnapshot, type SnapshotNotes } from './door/read-snapshot.ts'
export { type SequenceCounts, type SequenceWatch, sequenceWatch } from './door/sequence.ts'
export { type EnsembleOptions, type EnsembleResult, mixBreak, type NeighbourVote } from './ensemble.ts'
export {
  feasibilityGate,
  type FeasibilityMask,
  type GateInputs,
  type GateOptions,
  type GateRule,
  shiftLogit,
} from './feasibility.ts'
export { type HeadPlaces, headPlaces, type PathPlaces, pathPlaces, type ReachPlace } from './heads.ts'
export { type FittedMix, MIX_KINDS, type MixKind } from './mix-terms.ts'
export { type MixedBreak, mixGiven, type MixSettings } from './mix.ts'
export { type OutcomeProbabilities, outcomeProbabilities, utilityScore } from './outcome.ts'
export type {
  FeatureCount,
  FollowedPath,
  Models,
  MomentSource,
  NeighbourAnswer,
  NeighbourIndex,
  PathForecaster,
  PathMoment,
  Predictions,
  Predictor,
  RowLevel,
  RowSource,
  StageModels,
  TouchRow,
} from './parts.ts'
export type { Pin } from './pins.ts'
export {
  type RelevanceInputs,
  relevanceOf,
  type RelevanceOptions,
  relevanceSettings,
  type RelevanceSettings,
} from './relevance.ts'
export { type Moves, movesOf, type PathScores, type PathSettings, type ServedPath, servePath } from './serve-path.ts'
export { gateOf, type Scores, serve, type ServedTouch, type ServeSettings } from './serve.ts'
export type { Physics, Snapshot, SnapshotBar, SnapshotErrorCode, SnapshotLevel } from './snapshot.ts'
export { SNAPSHOT_ERRORS, SnapshotError } from './snapshot.ts'
export {
  advance,
  type LevelMemory,
  type Sighting,
  type StateOptions,
  stateSettings,
  type StateSettings,
} from './state.ts'
export type { BarRejection, RejectedLevel, TickResult, Viewport, ViewportOptions, ViewportStatus } from './surface.ts'
export type {
  ByHorizon,
  Condition,
  Interval,
  IntervalByHorizon,
  ReachKey,
  RowBasis,
  ScoreSource,
  Settled,
  Target,
  TargetEnsemble,
  TargetError,
  TargetIntervals,
  TargetMask,
  TargetState,
} from './target.ts'
export {
  type RankedTarget,
  rankingWorth,
  UTILITY_COST,
  UTILITY_ORDERS,
  type UtilityOptions,
  type UtilityOrder,
  type UtilitySettings,
} from './utility.ts'
export { createViewport } from './viewport.ts'
export { type NeighbourShares, neighbourVote } from './vote.ts'
