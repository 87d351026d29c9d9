const NS_PER_MS = 1_000_000n

/** Nanoseconds of whole milliseconds since 1970. */
export function nsOfMs(ms: number): bigint {
  return BigInt(ms) * NS_PER_MS
}

/** Whole milliseconds of nanoseconds since 1970, rounded down. */
export function msOfNs(ns: bigint): number {
  return Number(ns / NS_PER_MS)
}

/**
 * Nanoseconds as a JSON integer. A double cannot hold every nanosecond since 1970, but its shortest decimal text is
 * exact where the time is of whole milliseconds, as all times of a payload are; finer digits are dropped first. null
 * stays null.
 */
export function integerOfNs(ns: bigint): number
export function integerOfNs(ns: bigint | null): number | null
export function integerOfNs(ns: bigint | null): number | null {
  return ns === null ? null : Number((ns / NS_PER_MS) * NS_PER_MS)
}

/** The nanoseconds that an integer of a payload stands for: those of its shortest decimal text. */
export function nsOfInteger(value: number): bigint {
  return BigInt(String(value))
}
