import { KNOWN_AFTER_S, NO_PHYSICS, PHYSICS_NUMBERS, PHYSICS_WORDS } from '../signals/physics.ts'
import type { PhysicsNumber, PhysicsValues, PhysicsWord } from '../signals/physics.ts'

/** Live readings of physics columns; null, NaN and an absent name are missing. */
export type LivePhysics = Readonly<Record<string, number | string | null | undefined>>

/** Physics of one touch as known so far. Written again and again, so that a tick allocates nothing. */
export interface KnownPhysics extends PhysicsValues {
  readonly numbers: Record<PhysicsNumber, number>
  readonly words: Record<PhysicsWord, string | null>
}

/** Physics of which nothing is known. */
export function noPhysics(): KnownPhysics {
  return { numbers: { ...NO_PHYSICS.numbers }, words: { ...NO_PHYSICS.words } }
}

/**
 * Writes into `known` the readings whose windows have ended `afterS` seconds after the touch minute's start; the others are
 * missing, whatever was given. Returns whether anything changed. Names that are no physics column are not looked at. Throws
 * TypeError for text where a number is needed and the other way round.
 */
export function learnPhysics(known: KnownPhysics, given: LivePhysics | undefined, afterS: number): boolean {
  let changed = false
  for (const name of PHYSICS_NUMBERS) {
    const value = KNOWN_AFTER_S[name] <= afterS ? numberAt(given, name) : Number.NaN
    if (Object.is(known.numbers[name], value)) continue
    known.numbers[name] = value
    changed = true
  }
  for (const name of PHYSICS_WORDS) {
    const value = KNOWN_AFTER_S[name] <= afterS ? wordAt(given, name) : null
    if (known.words[name] === value) continue
    known.words[name] = value
    changed = true
  }
  return changed
}

function numberAt(given: LivePhysics | undefined, name: PhysicsNumber): number {
  const value = given?.[name] ?? Number.NaN
  if (typeof value === 'string') {
    throw new TypeError(`features: physics.${name}=${JSON.stringify(value)}: must be a number or null. Convert it.`)
  }
  return value
}

function wordAt(given: LivePhysics | undefined, name: PhysicsWord): string | null {
  const value = given?.[name] ?? null
  if (typeof value === 'number') {
    throw new TypeError(`features: physics.${name}=${value}: must be a word or null. Pass the category's name.`)
  }
  return value
}
