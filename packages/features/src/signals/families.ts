import { KNOWN_AFTER_S as approach } from './approach.ts'
import { KNOWN_AFTER_S as attempts } from './attempts.ts'
import { KNOWN_AFTER_S as confluence } from './confluence.ts'
import { KNOWN_AFTER_S as context } from './context.ts'
import type { TouchFeatures } from './features.ts'
import { KNOWN_AFTER_S as normalised } from './normalised.ts'
import { KNOWN_AFTER_S as physics } from './physics.ts'
import { KNOWN_AFTER_S as pressures } from './pressures.ts'
import { KNOWN_AFTER_S as reversion } from './reversion.ts'
import { KNOWN_AFTER_S as sparse } from './sparse.ts'

/** A feature family. */
export type FamilyName = keyof TouchFeatures

/** Per family, its columns with the seconds after the touch minute's start at which each is known. */
export const FAMILIES: Readonly<Record<FamilyName, Readonly<Record<string, number>>>> = {
  approach,
  attempts,
  confluence,
  context,
  normalised,
  physics,
  pressures,
  reversion,
  sparse,
}

/** Names of the families. */
export const FAMILY_NAMES: readonly FamilyName[] = [
  'approach',
  'attempts',
  'confluence',
  'context',
  'normalised',
  'physics',
  'pressures',
  'reversion',
  'sparse',
]
