import type { ZoneClock } from './zone.ts'
import { MISSING_NS } from '../table.ts'

/** `offset` of a stamp without a zone: its value is nanoseconds of the wall clock. */
export const NAIVE = 1_000_000
/** `offset` of a whole number since 1970 UTC, of a unit still to be found. */
export const EPOCH = 1_000_001
/** `offset` of an empty cell. */
export const ABSENT = 1_000_002
/** `offset` of text that is not a time. */
export const UNREADABLE = 1_000_003

/**
 * Time stamps as a file gives them. `offset` is seconds east of UTC, in which case `value` is nanoseconds of the wall
 * clock there, or one of {@link NAIVE}, {@link EPOCH}, {@link ABSENT}, {@link UNREADABLE}.
 */
export interface Stamps {
  readonly rows: number
  readonly value: BigInt64Array
  readonly offset: Int32Array
}

/** Why stamps could not be resolved: the first such row, the reason, the fix, and how many rows there are. */
export interface StampProblem {
  readonly row: number
  readonly reason: string
  readonly fix: string
  readonly total: number
}

/** How {@link resolveStamps} reads what the stamps leave open. */
export interface StampOptions {
  /** Zone of stamps without one, or null to refuse them. */
  readonly clock: ZoneClock | null
  /** Whether whole numbers are nanoseconds whatever their size; otherwise their size determines the unit. */
  readonly nanoseconds: boolean
}

const SECOND_NS = 1_000_000_000n

/** Nanoseconds per unit of a whole number since 1970: seconds below 1e11 (year 5138), then ms, us, ns. */
function unitOf(value: bigint): bigint {
  const size = value < 0n ? -value : value
  if (size < 100_000_000_000n) return SECOND_NS
  if (size < 100_000_000_000_000n) return 1_000_000n
  return size < 100_000_000_000_000_000n ? 1000n : 1n
}

type Answer = bigint | { readonly reason: string; readonly fix: string }

const NEEDS_ZONE: Answer = {
  reason: 'the time has no zone',
  fix: 'Pass the IANA zone of the data as timezone, for example America/New_York',
}

function wallText(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')
}

function fromWall(wall: bigint, clock: ZoneClock | null): Answer {
  if (clock === null) return NEEDS_ZONE
  const local = Number(wall / SECOND_NS)
  const instants = clock.instantsOf(local)
  const [only] = instants
  if (instants.length === 1 && only !== undefined) return BigInt(only) * SECOND_NS + (wall % SECOND_NS)
  const what = instants.length === 0 ? 'does not exist' : 'comes twice'
  const reason = `the time ${wallText(wall)} ${what} in ${clock.zone} (clock change)`
  return { reason, fix: 'Pass the times with offsets, or in UTC' }
}

function resolverOf(options: StampOptions): (value: bigint, offset: number) => Answer {
  let unit = options.nanoseconds ? 1n : null
  return (value, offset) => {
    if (offset === ABSENT) return MISSING_NS
    if (offset === UNREADABLE)
      return { reason: 'the time is not readable', fix: 'Write times in ISO form, or name the time column' }
    if (offset === NAIVE) return fromWall(value, options.clock)
    if (offset !== EPOCH) return value - BigInt(offset) * SECOND_NS
    unit ??= unitOf(value)
    const mixed = !options.nanoseconds && unitOf(value) !== unit
    if (mixed) return { reason: `the time ${value} has another unit than the times before it`, fix: 'Use one unit' }
    return value * unit
  }
}

/** Resolves stamps chunk by chunk: the unit of whole numbers is that of the first one of all. */
export interface StampResolver {
  /** Writes the absolute times ({@link MISSING_NS} for an empty cell) of the next stamps to `ts`. */
  next(stamps: Stamps, ts: BigInt64Array): void
  /** The first stamp so far that has none, its row counted from the first chunk's. */
  readonly problem: StampProblem | null
}

/**
 * A resolver of stamps to absolute times. A stamp has none when it is unreadable, without a zone where none was given,
 * skipped or repeated by a clock change, or a whole number of another unit than the first one. The machine's own zone
 * plays no part.
 */
export function stampResolver(options: StampOptions): StampResolver {
  const resolve = resolverOf(options)
  let first: Omit<StampProblem, 'total'> | null = null
  let [total, from] = [0, 0]
  return {
    next(stamps, ts) {
      for (let row = 0; row < stamps.rows; row++) {
        const answer = resolve(stamps.value[row] as bigint, stamps.offset[row] as number)
        if (typeof answer === 'bigint') {
          ts[row] = answer
          continue
        }
        total += 1
        first ??= { row: from + row, ...answer }
      }
      from += stamps.rows
    },
    get problem() {
      return first === null ? null : { ...first, total }
    },
  }
}
