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
  /** true where a jump of price in this snapshot is real: it is believed at once. */
  readonly jump?: boolean | undefined
}

/** Milliseconds since 1970 that a Date can hold. */
export const MAX_MS = 8.64e15

/** An object of a snapshot: the snapshot itself, its quote, a level, a bar. */
export type Place = '' | 'spy.' | 'levels[].' | 'bars[].'

/** Names of the fields that a reader knows, by the object they stand in. */
export const KNOWN_FIELDS: Readonly<Record<Place, ReadonlySet<string>>> = {
  '': new Set(['ts', 'spy', 'levels', 'bars', 'jump']),
  'spy.': new Set(['spot', 'bid', 'ask']),
  'levels[].': new Set(['id', 'kind', 'price', 'physics']),
  'bars[].': new Set(['ts', 'open', 'high', 'low', 'close', 'volume']),
}

/** Whether a value is an object with fields: no list, no null. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
