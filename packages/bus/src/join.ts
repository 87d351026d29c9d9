import { setTimeout } from 'node:timers/promises'
import { AuthorizationError, connect, type NatsConnection } from '@nats-io/transport-node'
import { sequenceWatch } from '@breakwater/viewport'
import { type CloseLane, liveLane } from './lane.ts'
import { senderOf } from './send.ts'
import { openStream, streamLane } from './stream.ts'
import { checkSubjects } from './subjects.ts'
import { type Bus, type BusCounts, type BusOptions, count } from './surface.ts'

/** Between two looks for a server. */
const RETRY_MS = 250

/** Longest wait for what is to be sent when leaving. */
const DRAIN_MS = 5000

/**
 * Joins the bus, waiting for a server if need be (null where `stop` ends the wait), and rejoins for ever when it is
 * lost. Of messages that come faster than they are answered the newest is answered; the others are dropped and counted,
 * and a request among them gets an error reply. Messages of a stream are answered one by one. Throws where a server
 * refuses the credentials, or has no such stream.
 */
export async function joinBus<Payload extends object>(options: BusOptions<Payload>): Promise<Bus | null> {
  checkSubjects(options)
  const { enrich, score, stream, log } = options
  const nats = await firstConnection(options)
  if (nats === null) return null
  try {
    const reader = stream === null || enrich === null ? null : await openStream(nats, stream, enrich)
    const watch = sequenceWatch()
    const counts: BusCounts = {
      received: 0,
      published: 0,
      replied: 0,
      unsent: 0,
      sequence: watch.counts,
      stream: reader?.position.counts ?? null,
      dropped: new Map(),
      events: new Map(),
    }
    const state = { connected: true }
    const followed = follow(nats, counts, log, state)
    const lanes = [liveLane(nats, score, senderOf(nats, counts, options, null), counts, options)]
    if (enrich !== null) {
      const sender = senderOf(nats, counts, options, options.publish)
      if (reader === null) lanes.push(liveLane(nats, enrich, sender, counts, options, watch))
      else lanes.push(await streamLane(reader, sender, counts, options, watch))
    }
    await nats.flush()
    log.info({ server: nats.getServer(), subject: score, enrich, stream: stream?.name ?? null }, 'joined the bus')
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
          log.warn({ subject, error: String(error) }, 'could not send')
        }
      },
      drain: async () => {
        // Without a server nothing can be sent, and waiting for it would never end.
        if (state.connected)
          await Promise.race([drainAll(nats, lanes), setTimeout(DRAIN_MS, undefined, { ref: false })])
        await nats.close()
        await followed
      },
    }
  } catch (error) {
    await nats.close()
    throw error
  }
}

async function drainAll(nats: NatsConnection, lanes: readonly CloseLane[]): Promise<void> {
  for (const close of lanes) await close()
  await nats.drain()
}

/** Tries until a server answers; null where `stop` comes first. */
async function firstConnection({
  connection,
  log,
  stop,
}: Pick<BusOptions, 'connection' | 'log' | 'stop'>): Promise<NatsConnection | null> {
  const shown = [connection.servers ?? []].flat().join(', ')
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      return await connect({
        name: 'breakwater-scorer',
        maxReconnectAttempts: -1,
        reconnectTimeWait: RETRY_MS,
        ...connection,
      })
    } catch (error) {
      if (error instanceof AuthorizationError) {
        throw new Error(
          `bus: --nats=${shown}: ${error.message}. Pass credentials with --creds, or user and password.`,
          {
            cause: error,
          },
        )
      }
      if (attempt === 1) log.warn({ servers: shown, error: String(error) }, 'no server answers; trying on')
      await setTimeout(RETRY_MS, undefined, { signal: stop }).catch(() => undefined)
    }
  }
  return null
}

/** Counts and logs the events of the connection until it ends. */
async function follow(
  nats: NatsConnection,
  counts: BusCounts,
  log: BusOptions['log'],
  state: { connected: boolean },
): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'ping') continue
    count(counts.events, status.type)
    if (status.type === 'disconnect' || status.type === 'close') state.connected = false
    if (status.type === 'reconnect') state.connected = true
    const detail = 'error' in status ? { error: String(status.error) } : {}
    log.warn({ event: status.type, ...detail }, 'the bus connection changed')
  }
}
