export type { Bars } from './bars/bars.ts'
export { newYorkCalendar } from './bars/calendar.ts'
export type { Calendar, CalendarOptions, Session } from './bars/calendar.ts'
export type { RawBars } from './bars/check.ts'
export { checkBarRules } from './bars/history.ts'
export { ACCEPTABLE_RULES, BAR_RULE_NAMES, BAR_RULES } from './bars/rules.ts'
export type { BarRule, BarRuleName } from './bars/rules.ts'
export { validateBars } from './bars/validate.ts'
export type { BarRepairs, BarsReport, ValidateBarsOptions } from './bars/validate.ts'
export { ENCODER_VERSION, encoderFromJson, encoderToJson } from './encode-json.ts'
export { checkColumns, emptyReport, encodeCounts, encodeRow, encodeTable, fitEncoder, makeEncoder } from './encode.ts'
export type { EncodeCounts, Encoder, EncodeReport, Encoding, RowValues } from './encode.ts'
export { AHEAD_QUESTIONS, aheadName, aheadTargets } from './labels/ahead.ts'
export type { AheadOptions, AheadQuestion } from './labels/ahead.ts'
export { deriveHeads } from './labels/heads.ts'
export type { HeadOptions, HeadTarget, MaskReason } from './labels/heads.ts'
export { reachImplications } from './labels/reach-surface.ts'
export type { ReachImplication } from './labels/reach-surface.ts'
export { reachTimes } from './labels/reach-times.ts'
export type { ReachTimes, ReachTimesOptions } from './labels/reach-times.ts'
export { createLiveFeatures } from './live/features.ts'
export type { LiveBarCounts, LiveFeatures, LiveFeaturesOptions, LiveTouch, MomentWriter } from './live/features.ts'
export type { LiveLevel } from './live/level-row.ts'
export { checkLiveFeatures, liveNeeds } from './live/needs.ts'
export type { LiveInputs } from './live/needs.ts'
export type { LivePhysics } from './live/physics.ts'
export type { TouchRow } from './live/touch-row.ts'
export { anchorMoments } from './moments/anchors.ts'
export type { AnchorMomentOptions, TouchMoments } from './moments/anchors.ts'
export { approachMoments } from './moments/approaches.ts'
export type { ApproachOptions } from './moments/approaches.ts'
export { CONFIRMED_COLUMNS, withConfirmed } from './moments/at-anchor.ts'
export { collectMoments } from './moments/collect.ts'
export type { CollectedMoments } from './moments/collect.ts'
export { MOMENT_NUMBERS, momentColumns } from './moments/columns.ts'
export type { LevelPath } from './moments/moment.ts'
export { rangeProfile } from './moments/profile.ts'
export type { RangeProfileOptions } from './moments/profile.ts'
export { CHANGE_SPANS, MEAN_RANGE, RANGE_SPANS } from './moments/ranges.ts'
export { MOMENT_MINUTES } from './moments/settings.ts'
export type { MomentOptions } from './moments/settings.ts'
export type { SessionMoments } from './moments/table.ts'
export { momentTargets } from './moments/targets.ts'
export type { MomentMaskReason, MomentTarget, MomentTargetOptions } from './moments/targets.ts'
export { touchMoments } from './moments/touches.ts'
export type { TouchMomentOptions } from './moments/touches.ts'
export { parseSchema } from './schema/parse.ts'
export { findColumn } from './schema/schema.ts'
export type { ColumnRole, ColumnSpec, ColumnType, FeatureFamily, FeatureStage, Schema } from './schema/schema.ts'
export { hasFeatures, selectFeatures } from './schema/select.ts'
export type { FeatureSelection, FeatureSpec, SelectedFeatures } from './schema/select.ts'
export { BAR_SERIES, barSeries } from './signals/bar-series.ts'
export type { BarSeries, BarSeriesName } from './signals/bar-series.ts'
export { barOf, barsOf } from './signals/bars-in-order.ts'
export { buildSignals, signalBatches } from './signals/build.ts'
export type { BuildSignalsOptions, SignalBatches, Signals } from './signals/build.ts'
export { signalColumns } from './signals/columns.ts'
export type { SignalColumn } from './signals/columns.ts'
export type { MinuteBar } from './signals/day.ts'
export { featureValues } from './signals/features.ts'
export type { FeatureNumber, TouchFeatures } from './signals/features.ts'
export type { Level } from './signals/levels.ts'
export { optionBook } from './signals/option-levels.ts'
export type { OptionBook, OptionLevel } from './signals/option-levels.ts'
export type { Outcome, OutcomeNumber } from './signals/outcomes.ts'
export { physicsSource } from './signals/physics-table.ts'
export type { PhysicsSource } from './signals/physics-table.ts'
export { KNOWN_AFTER_S as PHYSICS_KNOWN_AFTER_S } from './signals/physics.ts'
export type { MissingLevels, SignalsReport } from './signals/report.ts'
export type { IgnoredBars } from './signals/sessions.ts'
export { resolveSettings, SIGNAL_DEFAULTS } from './signals/settings.ts'
export type { SignalSettings } from './signals/settings.ts'
export { beginSession, beginStream, levelsAt, pushBar } from './signals/stream.ts'
export type { BarSignals, SignalRow, SignalStream, StreamSetup } from './signals/stream.ts'
export { touchOutcome } from './signals/touch-outcome.ts'
export type { SessionTouch, TouchOutcomeOptions } from './signals/touch-outcome.ts'
export {
  ABLATIONS,
  ANCHOR_SECONDS,
  ANCHORS,
  anchorSuffix,
  atAnchor,
  BARRIER_STATES,
  DEFAULT_HORIZONS,
  DEFAULT_THRESHOLDS,
  directionOf,
  DIRECTIONS,
  FUEL_EFFECTS,
  GAMMA_BUCKETS,
  headName,
  headTask,
  isLevelKind,
  LEVEL_KINDS,
  MISSING_NS,
  numberColumn,
  numbersOf,
  OPTION_KINDS,
  OUTCOMES,
  parseHeadName,
  parseReachKey,
  PRICE_EPSILON,
  priceText,
  PRIMARY_ANCHOR,
  REACH_SIDES,
  reaches,
  reachHead,
  reachKey,
  signOf,
  SINGLE_KINDS,
  splitAnchor,
  STAGES,
  stringColumn,
  stringsOf,
  timeColumn,
  timesOf,
  WINDOW_HEADS,
  within,
} from './vocabulary.ts'
export type {
  Ablation,
  Anchor,
  BarrierState,
  Column,
  Direction,
  FuelEffect,
  GammaBucket,
  HeadQuestion,
  HeadTask,
  LevelKind,
  Matrix,
  NumberColumn,
  OptionKind,
  OutcomeName,
  Reach,
  ReachQuestion,
  ReachSide,
  Stage,
  StringColumn,
  Table,
  Thresholds,
  TimeColumn,
  WindowHead,
} from './vocabulary.ts'
