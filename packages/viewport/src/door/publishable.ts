import { isObject, KNOWN_FIELDS, type Place } from './incoming.ts'
import type { SnapshotLimits } from './limits.ts'

type Fields = Record<string, unknown>

/**
 * A copy of a snapshot that can be published, whatever it holds: known fields, and unknown ones that are a number, a text
 * within the limit, true, false or null. Nested data in unknown fields, and what JSON cannot represent, is left out; a level or bar
 * that is not an object is null in its place. JSON of the copy is never deeper than four and never throws.
 */
export function publishable(value: unknown, limits: SnapshotLimits): Fields {
  return copy(value, '', limits, (name, field) => {
    if (name === 'spy' && isObject(field)) return copy(field, 'spy.', limits)
    if (name === 'levels' && isList(field, limits.maxLevels)) return Array.from(field, (one) => levelCopy(one, limits))
    if (name === 'bars' && isList(field, limits.maxBars)) return Array.from(field, (one) => barCopy(one, limits))
    return scalar(field, limits)
  })
}

function levelCopy(level: unknown, limits: SnapshotLimits): unknown {
  if (!isObject(level)) return null
  return copy(level, 'levels[].', limits, (name, field) =>
    name === 'physics' && isObject(field) ? copy(field, null, limits) : scalar(field, limits),
  )
}

function barCopy(bar: unknown, limits: SnapshotLimits): unknown {
  return isObject(bar) ? copy(bar, 'bars[].', limits) : null
}

/** The fields of an object, each as `fieldOf` gives it; undefined leaves it out. */
function copy(
  value: unknown,
  place: Place | null,
  limits: SnapshotLimits,
  fieldOf: (name: string, field: unknown) => unknown = (_, field) => scalar(field, limits),
): Fields {
  const fields: Fields = {}
  const known = place === null ? undefined : KNOWN_FIELDS[place]
  let unknown = 0
  for (const name of Object.keys(Object(value) as object)) {
    // Assigning it would set the prototype.
    if (name.length > limits.maxName || name === '__proto__') continue
    if (known?.has(name) !== true && ++unknown > limits.maxFields) continue
    const field = fieldOf(name, Reflect.get(Object(value) as object, name))
    if (field !== undefined) fields[name] = field
  }
  return fields
}

function isList(value: unknown, max: number): value is unknown[] {
  return Array.isArray(value) && value.length <= max
}

function scalar(value: unknown, { maxText }: SnapshotLimits): unknown {
  if (typeof value === 'string') return value.length > maxText ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : undefined
}
