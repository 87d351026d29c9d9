/** What one message may hold. Everything beyond is refused or left out, and counted. */
export interface SnapshotLimits {
  /** Bytes of a message; default 1,048,576, the default of a NATS server. */
  readonly maxBytes: number
  /** Nested objects and lists of a message, the message itself included; default 16. */
  readonly maxDepth: number
  /** Levels of a snapshot; default 5,000. */
  readonly maxLevels: number
  /** Bars of a snapshot; default 10,000: four sessions and then some. */
  readonly maxBars: number
  /** Readings of one level, and unknown fields of one object that are handed on; default 64. */
  readonly maxFields: number
  /** UTF-16 units of an id, a kind, a word among the readings, and a field's name; default 64. */
  readonly maxName: number
  /** UTF-16 units of a text in an unknown field; a longer one is left out. Default 1,024. */
  readonly maxText: number
}

const DEFAULTS: SnapshotLimits = {
  maxBytes: 1_048_576,
  maxDepth: 16,
  maxLevels: 5000,
  maxBars: 10_000,
  maxFields: 64,
  maxName: 64,
  maxText: 1024,
}

/** The limits with their defaults. Throws RangeError naming the one that is not a whole number above 0. */
export function snapshotLimits(options: Partial<SnapshotLimits> = {}): SnapshotLimits {
  const limits = { ...DEFAULTS, ...options }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw new RangeError(
      `viewport: limits.${name}=${value}: must be a whole number above 0. Leave it out for the default.`,
    )
  }
  return limits
}
