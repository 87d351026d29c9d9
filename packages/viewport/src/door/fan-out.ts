/** A reader of payloads as they arrive, at a pace of their own. */
export interface Reader {
  /** Whether what was written before has been taken. */
  readonly isReady: () => boolean
  readonly write: (json: string) => void
  /** Ends in order, after what was written. */
  readonly end: () => void
  /** Ends at once. */
  readonly cut: () => void
}

/** What became of payloads for readers, since the fan-out was made. */
export interface FanOutCounts {
  readonly sent: number
  /** Payloads that a reader missed because it or the fan-out was slower than they came. */
  readonly skipped: number
  /** Readers that were cut off because they had stopped reading. */
  readonly dropped: number
}

/** Sends the newest payload to many readers. */
export interface FanOut {
  /** Keeps the newest payload and returns at once: readers get its JSON in later turns of the event loop. */
  readonly push: (json: () => string) => void
  /** Sends the newest payload, and those that come, until `leave`. For callers that have looked at `isFull`. */
  readonly join: (reader: Reader) => { readonly leave: () => void }
  readonly close: () => void
  readonly readers: number
  /** Whether there are as many readers as there may be. */
  readonly isFull: boolean
  readonly counts: FanOutCounts
}

/** How many readers there may be, and how patient the fan-out is. */
export interface FanOutOptions {
  /** Default 64. */
  readonly maxReaders?: number
  /** Payloads in a row that a reader may be too slow for; default 240, a minute at four a second. */
  readonly maxSkipped?: number
  /** Runs its argument in a later turn of the event loop: setImmediate. */
  readonly later: (callback: () => void) => unknown
}

interface Seat {
  readonly reader: Reader
  /** Number of the payload it was offered last. */
  seen: number
  slow: number
}

/** Readers written to in one turn: a tick that arrives meanwhile waits for no more. */
const READERS_A_TURN = 8

/** A fan-out before its first payload. A reader that is too slow misses payloads; at most one waits for it. */
export function fanOut({ maxReaders = 64, maxSkipped = 240, later }: FanOutOptions): FanOut {
  const seats = new Set<Seat>()
  const counts = { sent: 0, skipped: 0, dropped: 0 }
  let [number, isSending] = [0, false]
  let newest: (() => string) | null = null
  const offer = (seat: Seat): void => {
    counts.skipped += Math.max(0, number - seat.seen - 1)
    seat.seen = number
    if (seat.reader.isReady()) {
      seat.reader.write(newest?.() ?? '')
      counts.sent += 1
      seat.slow = 0
      return
    }
    counts.skipped += 1
    seat.slow += 1
    if (seat.slow <= maxSkipped) return
    counts.dropped += 1
    seats.delete(seat)
    seat.reader.cut()
  }
  const sendSome = (): void => {
    const waiting = [...seats].filter(({ seen }) => seen < number)
    for (const seat of waiting.slice(0, READERS_A_TURN)) offer(seat)
    isSending = waiting.length > READERS_A_TURN
    if (isSending) later(sendSome)
  }
  return {
    counts,
    get readers() {
      return seats.size
    },
    get isFull() {
      return seats.size >= maxReaders
    },
    push(json) {
      let text: string | null = null
      newest = () => (text ??= json())
      number += 1
      if (isSending || seats.size === 0) return
      isSending = true
      later(sendSome)
    },
    join(reader) {
      const seat = { reader, seen: number, slow: 0 }
      seats.add(seat)
      if (newest !== null) {
        seat.seen = number - 1
        offer(seat)
      }
      return { leave: () => void seats.delete(seat) }
    },
    close() {
      for (const { reader } of seats) reader.end()
      seats.clear()
    },
  }
}
