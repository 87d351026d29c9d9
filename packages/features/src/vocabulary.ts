export { numberColumn, numbersOf, stringColumn, stringsOf, timeColumn, timesOf } from './table-columns.ts'
export { MISSING_NS } from './table.ts'
export type { Column, Matrix, NumberColumn, StringColumn, Table, TimeColumn } from './table.ts'
export { ANCHOR_SECONDS, ANCHORS, anchorSuffix, atAnchor, PRIMARY_ANCHOR, splitAnchor } from './vocabulary/anchors.ts'
export type { Anchor } from './vocabulary/anchors.ts'
export {
  DEFAULT_HORIZONS,
  DEFAULT_THRESHOLDS,
  headName,
  headTask,
  parseHeadName,
  parseReachKey,
  REACH_SIDES,
  reachHead,
  reachKey,
  WINDOW_HEADS,
} from './vocabulary/heads.ts'
export type {
  HeadQuestion,
  HeadTask,
  Reach,
  ReachQuestion,
  ReachSide,
  Thresholds,
  WindowHead,
} from './vocabulary/heads.ts'
export { PRICE_EPSILON, priceText, reaches, within } from './vocabulary/price.ts'
export { ABLATIONS, STAGES } from './vocabulary/stages.ts'
export type { Ablation, Stage } from './vocabulary/stages.ts'
export {
  BARRIER_STATES,
  directionOf,
  DIRECTIONS,
  FUEL_EFFECTS,
  GAMMA_BUCKETS,
  isLevelKind,
  LEVEL_KINDS,
  OPTION_KINDS,
  OUTCOMES,
  signOf,
  SINGLE_KINDS,
} from './vocabulary/words.ts'
export type {
  BarrierState,
  Direction,
  FuelEffect,
  GammaBucket,
  LevelKind,
  OptionKind,
  OutcomeName,
} from './vocabulary/words.ts'
