import { type Physics, type Snapshot, type SnapshotBar, SnapshotError, type SnapshotLevel } from '@breakwater/viewport'
import { z } from 'zod'
import { minuteOfMs, nsOfMs } from './time.ts'

/** A one-minute bar that has ended, as JSON has it. */
export interface IncomingBar {
  /** Start of the minute, milliseconds since 1970 UTC. */
  readonly ts: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** A price level as JSON has it. */
export interface IncomingLevel {
  readonly id: string
  /** PM_HIGH, ROUND, USER_HOTZONE, ...; kinds that training never saw are allowed. */
  readonly kind: string
  /** Dollars. */
  readonly price: number
  /** Readings of order book, tape and options under the names of the signals columns; null is missing. */
  readonly physics?: Readonly<Record<string, number | string | boolean | null>> | undefined
}

/** What the Core Service snaps every 250 ms, with whatever else it keeps in it. */
export interface IncomingSnapshot {
  /** Milliseconds since 1970 UTC; does not go back. */
  readonly ts: number
  readonly spy: {
    /** Dollars. */
    readonly spot: number
    readonly bid?: number | null | undefined
    readonly ask?: number | null | undefined
  }
  readonly levels: readonly IncomingLevel[]
  /** Bars that ended since the last snapshot, oldest first. */
  readonly bars?: readonly IncomingBar[] | undefined
}

/** More levels than this in one snapshot are a mistake of the sender. */
const MOST_LEVELS = 5000
/** Milliseconds since 1970 that a Date can hold. */
const MOST_MS = 8.64e15

const price = z.number().positive()
const reading = z.union([z.number(), z.string(), z.boolean(), z.null()])

const barSchema = z
  .object({
    ts: z.int().positive().describe('Start of the minute, milliseconds since 1970 UTC.'),
    open: price,
    high: price,
    low: price,
    close: price,
    volume: z.number().min(0),
  })
  .meta({ id: 'bar', description: 'A one-minute bar that has ended.' })

const levelSchema = z
  .object({
    id: z.string().min(1),
    kind: z.string().min(1).describe('PM_HIGH, ROUND, USER_HOTZONE, ...; kinds that training never saw are allowed.'),
    price: price.describe('Dollars.'),
    physics: z
      .record(z.string(), reading)
      .optional()
      .describe('Readings of order book, tape and options under the names of the signals columns; null is missing.'),
  })
  .meta({ id: 'level', description: 'A price level as the Core Service knows it.' })

const snapshot = z.object({
  ts: z.int().positive().max(MOST_MS).describe('Milliseconds since 1970 UTC; does not go back.'),
  spy: z.object({
    spot: price.describe('Dollars.'),
    bid: price.nullable().optional(),
    ask: price.nullable().optional(),
  }),
  levels: z.array(levelSchema).max(MOST_LEVELS),
  bars: z.array(barSchema).optional().describe('Bars that ended since the last snapshot, oldest first.'),
})

/** The schema of {@link IncomingSnapshot}. Unknown fields are let through. */
export const snapshotSchema: z.ZodObject = snapshot

/** What was let through and counted. */
export interface SnapshotNotes {
  /** Fields that no schema names, by their place: `levels[].colour`. */
  readonly unknownFields: ReadonlyMap<string, number>
  /** Readings that are neither number, word nor null (NaN too): taken as missing. */
  readonly badReadings: number
}

/** A snapshot ready for the viewport. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot
  readonly notes: SnapshotNotes
}

const KNOWN = {
  '': new Set(Object.keys(snapshot.shape)),
  'spy.': new Set(Object.keys(snapshot.shape.spy.shape)),
  'levels[].': new Set(Object.keys(levelSchema.shape)),
  'bars[].': new Set(Object.keys(barSchema.shape)),
} as const
type Place = keyof typeof KNOWN

const head = snapshot.pick({ ts: true, spy: true }).extend({
  levels: z.array(z.unknown()).max(MOST_LEVELS),
  bars: z.array(z.unknown()).optional(),
})

/**
 * Reads a snapshot that came from outside. Throws {@link SnapshotError} where time, spot or the list of levels cannot
 * be used. A level or bar that is wrong in itself does not spoil the others: it is handed on with NaN or an empty word
 * in the place of what is wrong, and the viewport rejects it by name. Unknown fields and bad readings are counted.
 */
export function readSnapshot(value: unknown): ReadSnapshot {
  const parsed = head.safeParse(value)
  if (!parsed.success) throw refusal(value, parsed.error.issues[0])
  const { ts, spy, levels, bars = [] } = parsed.data
  const notes = { unknownFields: new Map<string, number>(), badReadings: 0 }
  countUnknown(notes.unknownFields, '', value)
  countUnknown(notes.unknownFields, 'spy.', Reflect.get(Object(value), 'spy'))
  const read: Snapshot = {
    tsNs: nsOfMs(ts),
    spot: spy.spot,
    bid: spy.bid ?? null,
    ask: spy.ask ?? null,
    levels: levels.map((level) => readLevel(level, notes)),
    bars: bars.map((bar) => readBar(bar, notes.unknownFields)),
  }
  return { snapshot: read, notes }
}

/** A bar as the viewport takes it; NaN where a field is no number, which the row source refuses by name. */
export function readBar(value: unknown, unknownFields: Map<string, number> = new Map()): SnapshotBar {
  countUnknown(unknownFields, 'bars[].', value)
  const number = (name: keyof IncomingBar): number => {
    const field: unknown = Reflect.get(Object(value), name)
    return typeof field === 'number' ? field : Number.NaN
  }
  return {
    minute: minuteOfMs(number('ts')),
    open: number('open'),
    high: number('high'),
    low: number('low'),
    close: number('close'),
    volume: number('volume'),
  }
}

type MutableNotes = { unknownFields: Map<string, number>; badReadings: number }

const word = (given: unknown): string => (typeof given === 'string' ? given : '')

function readLevel(value: unknown, notes: MutableNotes): SnapshotLevel {
  countUnknown(notes.unknownFields, 'levels[].', value)
  const field = (name: keyof IncomingLevel): unknown => Reflect.get(Object(value), name)
  const given = field('price')
  const level = {
    id: word(field('id')),
    kind: word(field('kind')),
    price: typeof given === 'number' ? given : Number.NaN,
  }
  const physics = field('physics')
  return physics === undefined || physics === null ? level : { ...level, physics: readPhysics(physics, notes) }
}

function readPhysics(value: unknown, notes: MutableNotes): Physics {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    notes.badReadings += 1
    return {}
  }
  const physics: Record<string, number | string | null> = {}
  for (const [name, given] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (typeof given === 'boolean') physics[name] = Number(given)
    else if (given === null || typeof given === 'string' || (typeof given === 'number' && Number.isFinite(given)))
      physics[name] = given
    else {
      physics[name] = null
      notes.badReadings += 1
    }
  }
  return physics
}

function countUnknown(counts: Map<string, number>, place: Place, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const name of Object.keys(value)) {
    if (!KNOWN[place].has(name)) counts.set(place + name, (counts.get(place + name) ?? 0) + 1)
  }
}

type Issue = z.core.$ZodIssue | undefined

function refusal(value: unknown, issue: Issue): SnapshotError {
  const path = issue?.path ?? []
  const code = path[0] === 'ts' ? 'bad_time' : path[0] === 'spy' ? 'bad_spot' : 'bad_levels'
  const given: unknown = path.reduce<unknown>((at, key) => Reflect.get(Object(at), key), value)
  const shown =
    typeof given === 'object' && given !== null ? (Array.isArray(given) ? 'a list' : 'an object') : String(given)
  const name = path.length === 0 ? 'snapshot' : `snapshot.${path.join('.')}`
  return new SnapshotError(
    code,
    `scorer: ${name}=${shown}: ${issue?.message ?? 'is not valid'}. See the payload's schema.`,
  )
}
