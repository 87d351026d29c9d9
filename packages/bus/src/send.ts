import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { type BusCounts, type BusOptions, count } from './surface.ts'

/** Header of what is published and read: a number that rises by 1. */
export const SEQUENCE = 'Breakwater-Sequence'
/** Header beside it: the id of the sender's run. */
export const RUN = 'Breakwater-Run'
/** Header of what is published for a message of a stream: the number that the message has there. */
const STREAM_SEQUENCE = 'Breakwater-Stream-Sequence'
/** The server's own header: a stream that keeps what is published drops a second message of the same id. */
const MESSAGE_ID = 'Nats-Msg-Id'

/** A message as it arrived. `at` is its place in a stream; none for what comes as it is sent. */
export interface Arrival {
  readonly subject: string
  readonly data: Uint8Array
  /** On the stopwatch. */
  readonly arrivedAt: number
  readonly respond: Msg['respond'] | null
  readonly at?: { readonly stream: string; readonly sequence: number }
}

/** Answers messages and sends what became of them. */
export interface Sender {
  readonly answer: (arrival: Arrival) => void
  readonly drop: (arrival: Arrival, code: string, text: string) => void
}

/** Sends answers back, or with `publish` on to that subject, numbered. */
export function senderOf<Payload extends object>(
  nats: Pick<NatsConnection, 'publish'>,
  counts: BusCounts,
  options: BusOptions<Payload>,
  publish: string | null,
): Sender {
  const run = String(options.clock())
  let sequence = 0
  const send = ({ respond, at, subject }: Arrival, text: string): void => {
    try {
      if (publish !== null) {
        const numbered = headers()
        numbered.set(RUN, run)
        // What cannot be sent has a number too: its reader sees the gap.
        numbered.set(SEQUENCE, String(++sequence))
        if (at !== undefined) {
          numbered.set(STREAM_SEQUENCE, String(at.sequence))
          numbered.set(MESSAGE_ID, `breakwater-${at.stream}-${at.sequence}`)
        }
        nats.publish(publish, text, { headers: numbered })
        counts.published += 1
      } else if (respond?.(text) === true) counts.replied += 1
    } catch (error) {
      counts.unsent += 1
      options.log.warn({ subject, error: String(error) }, 'could not send')
    }
  }
  const drop = (arrival: Arrival, code: string, text: string): void => {
    count(counts.dropped, code)
    options.log.warn({ subject: arrival.subject, code }, `dropped a message that ${text}`)
    if (publish === null) send(arrival, JSON.stringify({ error: { code, message: `scorer: the request ${text}.` } }))
  }
  const score = (arrival: Arrival): void => {
    const start = options.stopwatch()
    const answer = options.answer(arrival.data)
    if ('dropped' in answer) {
      drop(arrival, answer.dropped, answer.message)
      return
    }
    const json = JSON.stringify(answer.payload)
    send(arrival, json)
    const end = options.stopwatch()
    options.onScored({ payload: answer.payload, json, ms: end - start, sinceArrivalMs: end - arrival.arrivedAt })
  }
  return {
    drop,
    answer: (arrival) => {
      // The one guard around a tick: whatever a message holds, the process continues.
      try {
        score(arrival)
      } catch (error) {
        drop(arrival, 'failed', `could not be worked on: ${String(error)}`)
      }
    },
  }
}
