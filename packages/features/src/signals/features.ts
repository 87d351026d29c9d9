import { approachFeatures } from './approach.ts'
import type { ApproachColumn } from './approach.ts'
import type { AttemptColumn } from './attempts.ts'
import { confluenceFeatures } from './confluence.ts'
import type { ConfluenceColumn } from './confluence.ts'
import { contextFeatures } from './context.ts'
import type { ContextColumn } from './context.ts'
import type { DayState } from './day.ts'
import type { Level } from './levels.ts'
import type { BarState } from './bar-state.ts'
import { normalisedTwins } from './normalised.ts'
import type { NormalisedColumn } from './normalised.ts'
import type { PhysicsNumber, PhysicsValues } from './physics.ts'
import { pressureFeatures } from './pressures.ts'
import type { PressureColumn } from './pressures.ts'
import { reversionFeatures } from './reversion.ts'
import type { ReversionColumn } from './reversion.ts'
import type { SignalSettings } from './settings.ts'
import { sparseTwins } from './sparse.ts'
import type { SparseColumn } from './sparse.ts'
import type { Touch } from './touches.ts'

/** Every numeric column that is not a label. */
export type FeatureNumber =
  | ApproachColumn
  | AttemptColumn
  | ConfluenceColumn
  | ContextColumn
  | NormalisedColumn
  | PhysicsNumber
  | PressureColumn
  | ReversionColumn
  | SparseColumn

/** The numeric features of a touch by family. */
export interface TouchFeatures {
  readonly approach: Readonly<Record<ApproachColumn, number>>
  readonly attempts: Readonly<Record<AttemptColumn, number>>
  readonly confluence: Readonly<Record<ConfluenceColumn, number>>
  readonly context: Readonly<Record<ContextColumn, number>>
  readonly normalised: Readonly<Record<NormalisedColumn, number>>
  readonly physics: Readonly<Record<PhysicsNumber, number>>
  readonly pressures: Readonly<Record<PressureColumn, number>>
  readonly reversion: Readonly<Record<ReversionColumn, number>>
  readonly sparse: Readonly<Record<SparseColumn, number>>
}

/** What a touch is computed from. `levels` are those known at the touch minute's start. */
export interface TouchInput {
  /** Its last bar is the touch bar. */
  readonly day: DayState
  readonly touch: Touch
  readonly levels: readonly Level[]
  readonly state: BarState
  readonly attempts: Readonly<Record<AttemptColumn, number>>
  readonly physics: PhysicsValues
}

type Sources = Pick<TouchFeatures, 'approach' | 'confluence' | 'context' | 'reversion'>

function normalisedOf({ approach, confluence, context, reversion }: Sources): Record<NormalisedColumn, number> {
  return normalisedTwins({
    spot: context.spot,
    atr: context.atr,
    level_price: context.level_price,
    distance: context.distance,
    distance_signed: context.distance_signed,
    dist_to_pm_high: context.dist_to_pm_high,
    dist_to_pm_low: context.dist_to_pm_low,
    dist_to_sma_200: reversion.dist_to_sma_200,
    dist_to_sma_400: reversion.dist_to_sma_400,
    confluence_min_distance: confluence.confluence_min_distance,
    approach_distance: approach.approach_distance,
  })
}

function pressuresOf(
  sign: 1 | -1,
  numbers: Readonly<Record<PhysicsNumber, number>>,
  { confluence, reversion }: Pick<TouchFeatures, 'confluence' | 'reversion'>,
): Record<PressureColumn, number> {
  return pressureFeatures(sign, {
    barrier_delta_liq: numbers.barrier_delta_liq,
    wall_ratio: numbers.wall_ratio,
    tape_imbalance: numbers.tape_imbalance,
    tape_velocity: numbers.tape_velocity,
    gamma_exposure: numbers.gamma_exposure,
    gamma_flow_accel_3m: numbers.gamma_flow_accel_3m,
    mean_reversion_pressure_200: reversion.mean_reversion_pressure_200,
    mean_reversion_pressure_400: reversion.mean_reversion_pressure_400,
    confluence_pressure: confluence.confluence_pressure,
  })
}

/** All numeric features of one touch, from every family. Reads its input only; NaN where a part is missing. */
export function featuresOf(input: TouchInput, settings: SignalSettings): TouchFeatures {
  const { day, touch, levels, state, attempts, physics } = input
  const sources = {
    approach: approachFeatures(day, touch, settings),
    confluence: confluenceFeatures(touch, levels, state, settings),
    context: contextFeatures(day, touch, state),
    reversion: reversionFeatures(touch.level.price, state),
  }
  return {
    ...sources,
    attempts,
    normalised: normalisedOf(sources),
    ...physicsFamilies(touch.sign, physics.numbers, sources),
  }
}

/** The families that physics decides, alone or together with bar features of the touch (`sign` is its direction of approach). */
export function physicsFamilies(
  sign: 1 | -1,
  numbers: Readonly<Record<PhysicsNumber, number>>,
  sources: Pick<TouchFeatures, 'confluence' | 'reversion'>,
): Pick<TouchFeatures, 'physics' | 'pressures' | 'sparse'> {
  return { physics: numbers, pressures: pressuresOf(sign, numbers, sources), sparse: sparseTwins(numbers) }
}

/** The features of a touch by column name, all families in one record. */
export function featureValues(features: TouchFeatures): Record<FeatureNumber, number> {
  return {
    ...features.approach,
    ...features.attempts,
    ...features.confluence,
    ...features.context,
    ...features.normalised,
    ...features.physics,
    ...features.pressures,
    ...features.reversion,
    ...features.sparse,
  }
}
