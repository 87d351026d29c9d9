import { approachFeatures } from './approach.ts'
import type { ApproachColumn } from './approach.ts'
import type { AttemptColumn } from './attempts.ts'
import { confluenceFeatures } from './confluence.ts'
import type { ConfluenceColumn } from './confluence.ts'
import { contextFeatures } from './context.ts'
import type { ContextColumn } from './context.ts'
import type { DayState } from './day.ts'
import type { Level } from './levels.ts'
import type { Moment } from './moment.ts'
import { normalisedTwins } from './normalised.ts'
import type { NormalisedColumn } from './normalised.ts'
import { sparseTwins } from './physics.ts'
import type { PhysicsNumber, PhysicsValues, SparseColumn } from './physics.ts'
import { pressureFeatures } from './pressures.ts'
import type { PressureColumn } from './pressures.ts'
import { reversionFeatures } from './reversion.ts'
import type { ReversionColumn } from './reversion.ts'
import type { SignalSettings } from './settings.ts'
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

/** What a touch is computed from. `levels` are those known at the touch minute's start. */
export interface TouchInput {
  /** Its last bar is the touch bar. */
  readonly day: DayState
  readonly touch: Touch
  readonly levels: readonly Level[]
  readonly moment: Moment
  readonly attempts: Readonly<Record<AttemptColumn, number>>
  readonly physics: PhysicsValues
}

/** All numeric features of one touch, from every family. Reads its input only; NaN where a part is missing. */
export function featuresOf(input: TouchInput, settings: SignalSettings): Record<FeatureNumber, number> {
  const { day, touch, levels, moment, attempts, physics } = input
  const context = contextFeatures(day, touch, moment)
  const reversion = reversionFeatures(touch.level.price, moment)
  const confluence = confluenceFeatures(touch, levels, moment, settings)
  const approach = approachFeatures(day, touch, settings)
  const twins = normalisedTwins({ ...context, ...reversion, ...confluence, ...approach })
  const pressures = pressureFeatures(touch.sign, { ...physics.numbers, ...reversion, ...confluence })
  return {
    ...context,
    ...reversion,
    ...confluence,
    ...approach,
    ...attempts,
    ...twins,
    ...physics.numbers,
    ...sparseTwins(physics.numbers),
    ...pressures,
  }
}
