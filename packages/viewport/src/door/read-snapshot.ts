import { type Physics, type Snapshot, type SnapshotBar, SnapshotError, type SnapshotErrorCode } from '../snapshot.ts'
import type { SnapshotLevel } from '../snapshot.ts'
import { type IncomingBar, type IncomingLevel, isObject, KNOWN_FIELDS, MAX_MS, type Place } from './incoming.ts'
import { type SnapshotLimits, snapshotLimits } from './limits.ts'

/** What was let through and counted. */
export interface SnapshotNotes {
  /** Fields that no reader knows, by place and name: `levels[].colour`. */
  readonly unknownFields: ReadonlyMap<string, number>
  /** Readings that are neither number, word, flag nor null (NaN too), and those beyond the limits: taken as missing. */
  readonly badReadings: number
}

/** A snapshot ready for the viewport. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot
  readonly notes: SnapshotNotes
}

/** Names of unknown fields that are counted one by one: a sender may invent any number. */
const MAX_NAMES = 100
const OTHERS = 'others'
const NS_PER_MS = 1_000_000n
const MS_PER_MINUTE = 60_000

/**
 * Reads a snapshot that came from outside. Throws {@link SnapshotError} where time, spot, quote or a list cannot be used. A
 * level or bar that is wrong in itself does not spoil the others: it is handed on with NaN or an empty word in the place
 * of what is wrong, and the viewport rejects it by name. Unknown fields and bad readings are counted; nothing nested in
 * them is looked at.
 */
export function readSnapshot(value: unknown, limits: SnapshotLimits = snapshotLimits()): ReadSnapshot {
  if (!isObject(value)) throw refusal('bad_levels', 'snapshot', value, 'must be an object')
  const ts = readTime(fieldOf(value, 'ts'))
  const quote = fieldOf(value, 'spy')
  if (!isObject(quote)) throw refusal('bad_spot', 'snapshot.spy', quote, 'must be an object with spot, bid and ask')
  const spot = fieldOf(quote, 'spot')
  if (!isPrice(spot)) throw refusal('bad_spot', 'snapshot.spy.spot', spot, 'must be a price above 0')
  const levels = readList(value, 'levels', limits.maxLevels) ?? []
  const bars = readList(value, 'bars', limits.maxBars) ?? []
  const notes = { unknownFields: new Map<string, number>(), badReadings: 0, limits }
  countUnknown(notes, '', value)
  countUnknown(notes, 'spy.', quote)
  const snapshot: Snapshot = {
    tsNs: BigInt(ts) * NS_PER_MS,
    spot,
    bid: readQuote(quote, 'bid'),
    ask: readQuote(quote, 'ask'),
    levels: Array.from(levels, (level) => readLevel(level, notes)),
    bars: Array.from(bars, (bar) => {
      countUnknown(notes, 'bars[].', bar)
      return readBar(bar)
    }),
  }
  return { snapshot: fieldOf(value, 'jump') === true ? { ...snapshot, jump: true } : snapshot, notes }
}

/** A bar as the viewport takes it; NaN where a field is not a number, which the row source refuses by name. */
export function readBar(value: unknown): SnapshotBar {
  const number = (name: keyof IncomingBar): number => {
    const field = fieldOf(value, name)
    return typeof field === 'number' ? field : Number.NaN
  }
  const ts = number('ts')
  return {
    minute: ts % MS_PER_MINUTE === 0 ? ts / MS_PER_MINUTE : Number.NaN,
    open: number('open'),
    high: number('high'),
    low: number('low'),
    close: number('close'),
    volume: number('volume'),
  }
}

interface Notes {
  readonly unknownFields: Map<string, number>
  badReadings: number
  readonly limits: SnapshotLimits
}

const fieldOf = (value: unknown, name: string): unknown => Reflect.get(Object(value) as object, name)
const isPrice = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < Infinity

function readTime(ts: unknown): number {
  if (typeof ts === 'number' && Number.isSafeInteger(ts) && ts > 0 && ts <= MAX_MS) return ts
  throw refusal('bad_time', 'snapshot.ts', ts, 'must be whole milliseconds since 1970 UTC')
}

function readQuote(quote: object, name: 'bid' | 'ask'): number | null {
  const price = fieldOf(quote, name) ?? null
  if (price === null || isPrice(price)) return price
  throw refusal('bad_quote', `snapshot.spy.${name}`, price, 'must be a price above 0, or null')
}

function readList(value: object, name: 'levels' | 'bars', max: number): readonly unknown[] | undefined {
  const list = fieldOf(value, name)
  if (Array.isArray(list) && list.length <= max) return list as readonly unknown[]
  if (list === undefined && name === 'bars') return undefined
  const rule = Array.isArray(list) ? `has ${list.length} entries, and ${max} are allowed` : 'must be a list'
  throw refusal(`bad_${name}`, `snapshot.${name}`, list, rule)
}

function readLevel(value: unknown, notes: Notes): SnapshotLevel {
  countUnknown(notes, 'levels[].', value)
  const field = (name: keyof IncomingLevel): unknown => fieldOf(value, name)
  const word = (given: unknown): string => (isWord(given, notes) ? given : '')
  const price = field('price')
  const level = {
    id: word(field('id')),
    kind: word(field('kind')),
    price: typeof price === 'number' ? price : Number.NaN,
  }
  const physics = field('physics')
  return physics === undefined || physics === null ? level : { ...level, physics: readPhysics(physics, notes) }
}

const isWord = (given: unknown, { limits }: Notes): given is string =>
  typeof given === 'string' && given.length <= limits.maxName

function readPhysics(value: unknown, notes: Notes): Physics {
  const physics: Record<string, number | string | null> = {}
  if (!isObject(value)) {
    notes.badReadings += 1
    return physics
  }
  let count = 0
  for (const [name, given] of Object.entries(value) as [string, unknown][]) {
    // Assigning __proto__ would set the prototype.
    if (++count > notes.limits.maxFields || name.length > notes.limits.maxName || name === '__proto__') {
      notes.badReadings += 1
    } else physics[name] = readReading(given, notes)
  }
  return physics
}

function readReading(given: unknown, notes: Notes): number | string | null {
  if (typeof given === 'boolean') return Number(given)
  if (given === null || isWord(given, notes) || (typeof given === 'number' && Number.isFinite(given))) return given
  notes.badReadings += 1
  return null
}

function countUnknown({ unknownFields, limits }: Notes, place: Place, value: unknown): void {
  if (!isObject(value)) return
  const known = KNOWN_FIELDS[place]
  for (const name of Object.keys(value)) {
    if (!known.has(name)) countName(unknownFields, name.length > limits.maxName ? OTHERS : place + name)
  }
}

/** Counts a name that a sender chose: `counts` holds at most 100 of them, the rest as `others`. Writes `counts`. */
export function countName(counts: Map<string, number>, name: string, by = 1): void {
  const key = counts.has(name) || counts.size < MAX_NAMES ? name : OTHERS
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Longest text of a value in a message. */
const MAX_SHOWN = 60

function refusal(code: SnapshotErrorCode, name: string, value: unknown, rule: string): SnapshotError {
  const shown = Array.isArray(value)
    ? 'a list'
    : (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? 'an object'
      : String(value).slice(0, MAX_SHOWN)
  return new SnapshotError(code, `viewport: ${name}=${shown}: ${rule}. See the payload's schema.`)
}
