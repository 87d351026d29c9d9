import type { NodeConnectionOptions } from '@nats-io/transport-node'
import type { SequenceCounts } from '@breakwater/viewport'
import type { StreamChoice, StreamCounts } from './position.ts'
import type { Subjects } from './subjects.ts'

/** Where events go, one line each: a pino logger fits. */
export interface Log {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

/** What became of a message: the payload, or a code and a clause that says why there is none. */
export type Answer<Payload extends object> =
  { readonly payload: Payload } | { readonly dropped: string; readonly message: string; readonly payload?: undefined }

/** A message that was scored and sent. */
export interface ScoredMessage<Payload extends object> {
  readonly payload: Payload
  /** The same as it was sent. */
  readonly json: string
  /** Milliseconds that it took, and those since it arrived. */
  readonly ms: number
  readonly sinceArrivalMs: number
}

/** How to join the bus. */
export interface BusOptions<Payload extends object = object> extends Subjects {
  /** Where the servers are and who we are there, as `connectionOf` of `@breakwater/jobs/connection` makes it of URLs and files. */
  readonly connection: NodeConnectionOptions
  /** What a message is answered with. What it throws is a message dropped as `failed`. */
  readonly answer: (data: Uint8Array) => Answer<Payload>
  /** Reads the level payloads of `enrich` from a stream instead, every one and in order; null reads what comes now. */
  readonly stream: StreamChoice | null
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Milliseconds that never go back. */
  readonly stopwatch: () => number
  readonly log: Log
  /** Ends the wait for a first server. */
  readonly stop: AbortSignal
  /** Called after each scored message. */
  readonly onScored: (scored: ScoredMessage<Payload>) => void
}

/** What the bus brought, since joining. */
export interface BusCounts {
  received: number
  published: number
  replied: number
  /** What could not be sent: too large for the server, or the connection was closing. */
  unsent: number
  /** Level payloads that never arrived, where their sender numbers them. */
  readonly sequence: SequenceCounts
  /** Where reading a stream stands; null without one. */
  readonly stream: StreamCounts | null
  /** Messages that were not scored, by reason. */
  readonly dropped: Map<string, number>
  /** Events of the connection and the stream, by type: disconnect, reconnect, slowConsumer, heartbeats_missed, ... */
  readonly events: Map<string, number>
}

/** A program on the bus. */
export interface Bus {
  readonly counts: BusCounts
  readonly connected: boolean
  /** Resolves when the connection is over and will not come back, with why where something went wrong. */
  readonly closed: Promise<void | Error>
  /** Publishes a text of our own, such as an alarm; counted as unsent where that fails. */
  readonly publish: (subject: string, text: string) => void
  /** Takes no more messages, scores those that wait, sends what is to be sent, and leaves. */
  readonly drain: () => Promise<void>
}

/** One more of `key`. */
export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
