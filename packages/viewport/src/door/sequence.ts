/** What the numbers of messages showed. */
export interface SequenceCounts {
  /** Numbers that never arrived, within the runs of a sender. */
  readonly missed: number
  /** Times that the numbers restarted: another run of the sender, or a number below the last one. */
  readonly restarts: number
}

/** Watches the numbers that one sender gives its messages. */
export interface SequenceWatch {
  /** Takes the number of a message that has arrived, and the run of the sender that it belongs to (empty for none). */
  readonly take: (sequence: string, run: string) => void
  readonly counts: SequenceCounts
}

/** A watch before the first message. What is not a whole number of up to fifteen digits is not a number of a message. */
export function sequenceWatch(): SequenceWatch {
  const counts = { missed: 0, restarts: 0 }
  let last: { readonly number: number; readonly run: string } | null = null
  return {
    counts,
    take(sequence, run) {
      if (!/^\d{1,15}$/.test(sequence)) return
      const number = Number(sequence)
      if (last !== null && (run !== last.run || number < last.number)) counts.restarts += 1
      else if (last !== null) counts.missed += Math.max(0, number - last.number - 1)
      last = { number, run }
    },
  }
}
