/** Nanoseconds of a millisecond. */
export const MS_NS = 1_000_000n

/** Nanoseconds of a second. */
export const SECOND_NS = 1_000_000_000n

/** Nanoseconds of a minute. */
export const MINUTE_NS = 60_000_000_000n
