import { countOne } from '@breakwater/models'
import { setTimeout } from 'node:timers/promises'
import {
  AuthorizationError,
  connect,
  type Msg,
  type NatsConnection,
  headers,
  type NodeConnectionOptions,
} from '@nats-io/transport-node'
import { latestOnly, type SequenceCounts, type SequenceWatch, sequenceWatch } from '@breakwater/viewport'
import type { AnyScorer } from '../embedded/scorer.ts'
import type { Log } from './log.ts'
import { checkSubjects, type Subjects } from './subjects.ts'
import { answerTo, type DropReason } from './tick.ts'

/** A message that was scored and sent. */
export interface ScoredMessage {
  readonly payload: object
  /** The same as it was sent. */
  readonly json: string
  /** Milliseconds that it took, and those since it arrived. */
  readonly ms: number
  readonly sinceArrivalMs: number
}

/** How to join the bus. */
export interface BusOptions extends Subjects {
  readonly servers: readonly string[]
  /** Messages whose `ts` is older than this many milliseconds are dropped; 0 takes all. */
  readonly maxAgeMs: number
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Milliseconds that never go back. */
  readonly stopwatch: () => number
  readonly log: Log
  /** Ends the wait for a first server. */
  readonly stop: AbortSignal
  /** Called after each scored message. */
  readonly onScored: (scored: ScoredMessage) => void
  /** Further options of the connection, such as credentials. */
  readonly connection?: NodeConnectionOptions
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
  /** Messages that were not scored, by reason. */
  readonly dropped: Map<string, number>
  /** Events of the connection, by type: disconnect, reconnect, slowConsumer, error, ... */
  readonly events: Map<string, number>
}

/** A scorer on the bus. */
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

const RECONNECT_MS = 250

/** Headers that number what is published, and what is read: a number that rises by 1, and the id of the sender's run. */
const SEQUENCE = 'Breakwater-Sequence'
const RUN = 'Breakwater-Run'

/** Longest wait for what is to be sent when leaving. */
const DRAIN_MS = 5000

/**
 * Joins the bus, waiting for a server if need be (null where `stop` ends the wait), and rejoins for ever when it is
 * lost. Of messages that come faster than they are scored the newest is scored; the others are dropped and counted,
 * and a request among them gets an error reply. Throws where a server refuses the credentials.
 */
export async function joinBus(scorer: AnyScorer, options: BusOptions): Promise<Bus | null> {
  checkSubjects(options)
  const nats = await firstConnection(options)
  if (nats === null) return null
  const watch = sequenceWatch()
  const counts: BusCounts = {
    received: 0,
    published: 0,
    replied: 0,
    unsent: 0,
    sequence: watch.counts,
    dropped: new Map(),
    events: new Map(),
  }
  const state = { connected: true }
  const followed = follow(nats, counts, options.log, state)
  const lanes = [lane(nats, counts, scorer, options, null)]
  if (options.enrich !== null) lanes.push(lane(nats, counts, scorer, options, options.publish, watch))
  await nats.flush()
  options.log.info({ server: nats.getServer(), subject: options.score, enrich: options.enrich }, 'joined the bus')
  return {
    counts,
    get connected() {
      return state.connected
    },
    closed: nats.closed(),
    publish: (subject, text) => {
      try {
        nats.publish(subject, text)
      } catch (error) {
        counts.unsent += 1
        options.log.warn({ subject, error: String(error) }, 'could not send')
      }
    },
    drain: async () => {
      // Without a server nothing can be sent, and waiting for it would never end.
      if (state.connected) await Promise.race([drainAll(nats, lanes), setTimeout(DRAIN_MS, undefined, { ref: false })])
      await nats.close()
      await followed
    },
  }
}

async function drainAll(nats: NatsConnection, lanes: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of lanes) await close()
  await nats.drain()
}

/** Tries until a server answers; null where `stop` comes first. */
async function firstConnection({ servers, connection, log, stop }: BusOptions): Promise<NatsConnection | null> {
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      return await connect({
        name: 'breakwater-scorer',
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
        ...connection,
        servers: [...servers],
      })
    } catch (error) {
      if (error instanceof AuthorizationError) {
        throw new Error(`scorer: --nats=${servers.join(' ')}: ${error.message}. Pass credentials with --creds.`, {
          cause: error,
        })
      }
      if (attempt === 1) log.warn({ servers, error: String(error) }, 'no server answers; trying on')
      await setTimeout(RECONNECT_MS, undefined, { signal: stop }).catch(() => undefined)
    }
  }
  return null
}

interface Arrival {
  readonly message: Msg
  /** On the stopwatch. */
  readonly arrivedAt: number
}

/**
 * One subscription: requests, whose answers go back, or (with `publish`) payloads that go on. Returns how to close it.
 */
function lane(
  nats: NatsConnection,
  counts: BusCounts,
  scorer: AnyScorer,
  options: BusOptions,
  publish: string | null,
  watch?: SequenceWatch,
): () => Promise<void> {
  const run = String(options.clock())
  let sequence = 0
  const send = (message: Msg, text: string): void => {
    try {
      if (publish !== null) {
        const numbered = headers()
        numbered.set(RUN, run)
        // What cannot be sent has a number too: its reader sees the gap.
        numbered.set(SEQUENCE, String(++sequence))
        nats.publish(publish, text, { headers: numbered })
        counts.published += 1
      } else if (message.respond(text)) counts.replied += 1
    } catch (error) {
      counts.unsent += 1
      options.log.warn({ subject: message.subject, error: String(error) }, 'could not send')
    }
  }
  const drop = (message: Msg, code: DropReason, text: string): void => {
    countOne(counts.dropped, code)
    options.log.warn({ subject: message.subject, code }, `dropped a message that ${text}`)
    if (publish === null) send(message, JSON.stringify({ error: { code, message: `scorer: the request ${text}.` } }))
  }
  const score = ({ message, arrivedAt }: Arrival): void => {
    const start = options.stopwatch()
    const answer = answerTo(scorer, message.data, { now: options.clock(), most: options.maxAgeMs })
    if (answer.payload === undefined) {
      drop(message, answer.dropped, answer.message)
      return
    }
    const json = JSON.stringify(answer.payload)
    send(message, json)
    const end = options.stopwatch()
    options.onScored({ payload: answer.payload, json, ms: end - start, sinceArrivalMs: end - arrivedAt })
  }
  const handle = latestOnly<Arrival>(
    (arrival) => {
      // The one guard around a tick: whatever a message holds, the process continues.
      try {
        score(arrival)
      } catch (error) {
        drop(arrival.message, 'failed', `could not be worked on: ${String(error)}`)
      }
    },
    ({ message }) => drop(message, 'overtaken', 'was overtaken by a newer one before its turn'),
    setImmediate,
  )
  const subscription = nats.subscribe(publish === null ? options.score : (options.enrich ?? ''), {
    callback: (error, message) => {
      if (error !== null) {
        options.log.warn({ error: String(error) }, 'a subscription failed')
        return
      }
      counts.received += 1
      watch?.take(message.headers?.get(SEQUENCE) ?? '', message.headers?.get(RUN) ?? '')
      handle.offer({ message, arrivedAt: options.stopwatch() })
    },
  })
  return async () => {
    await subscription.drain()
    handle.flush()
  }
}

/** Counts and logs the events of the connection until it ends. */
async function follow(nats: NatsConnection, counts: BusCounts, log: Log, state: { connected: boolean }): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'ping') continue
    countOne(counts.events, status.type)
    if (status.type === 'disconnect' || status.type === 'close') state.connected = false
    if (status.type === 'reconnect') state.connected = true
    const detail = 'error' in status ? { error: String(status.error) } : {}
    log.warn({ event: status.type, ...detail }, 'the bus connection changed')
  }
}
