/** Which stream to read, and from where. */
export interface StreamChoice {
  readonly name: string
  /**
   * Name of the consumer that the server keeps: a program that starts again continues after the last message that was
   * answered. null keeps nothing: each start reads from `from`.
   */
  readonly durable: string | null
  /** Where the first reading starts: `new`, `all`, a sequence number, or a time as ISO 8601. */
  readonly from: string
}

/** Where reading a stream stands. */
export interface StreamCounts {
  /** Sequence number of the last message that was taken; null before the first. */
  last: number | null
  /** Messages that the stream had dropped before they could be read. */
  missed: number
  /** Messages that came again after they had been answered; they are not answered twice. */
  repeated: number
  /** Messages that the stream still holds for this reader. */
  pending: number
}

/** Follows the sequence numbers of a stream. */
export interface Position {
  readonly counts: StreamCounts
  /** Takes a message by its sequence number and those that wait behind it. False where it was taken before. */
  readonly take: (sequence: number, pending: number) => boolean
}

/**
 * A reader that has taken all up to `last` (null where it begins anywhere). `gapless` says that every number of the
 * stream belongs to this reader, so that a number which does not come is a message lost; of a stream with other
 * subjects the numbers say nothing, and `missed` stays 0.
 */
export function positionAfter(last: number | null, gapless: boolean): Position {
  const counts: StreamCounts = { last, missed: 0, repeated: 0, pending: 0 }
  return {
    counts,
    take(sequence, pending) {
      counts.pending = pending
      if (counts.last !== null && sequence <= counts.last) {
        counts.repeated += 1
        return false
      }
      if (gapless && counts.last !== null) counts.missed += sequence - counts.last - 1
      counts.last = sequence
      return true
    },
  }
}

/** Where a consumer starts, in the words of the server. */
export type Start =
  | { readonly deliver_policy: 'all' | 'new' }
  | { readonly deliver_policy: 'by_start_sequence'; readonly opt_start_seq: number }
  | { readonly deliver_policy: 'by_start_time'; readonly opt_start_time: string }

/** Reads `from` of a {@link StreamChoice}. Throws where it is none of its forms. */
export function startOf(from: string): Start {
  if (from === 'all' || from === 'new') return { deliver_policy: from }
  if (/^\d{1,15}$/.test(from) && Number(from) > 0) {
    return { deliver_policy: 'by_start_sequence', opt_start_seq: Number(from) }
  }
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(from) ? Date.parse(from) : Number.NaN
  if (!Number.isNaN(time)) return { deliver_policy: 'by_start_time', opt_start_time: new Date(time).toISOString() }
  throw new RangeError(
    `bus: --from=${from}: must be new, all, a sequence number above 0, or a time such as 2026-01-02T14:30:00Z.`,
  )
}
