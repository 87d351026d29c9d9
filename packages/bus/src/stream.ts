import { setImmediate } from 'node:timers/promises'
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  JetStreamApiCodes,
  JetStreamApiError,
  type JsMsg,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/transport-node'
import type { SequenceWatch } from '@breakwater/viewport'
import type { CloseLane } from './lane.ts'
import { type Position, positionAfter, type StreamChoice, startOf } from './position.ts'
import { RUN, type Sender, SEQUENCE } from './send.ts'
import { type BusCounts, type BusOptions, count } from './surface.ts'
import { covers } from './subjects.ts'

/** A consumer of a stream, and where it stands. */
export interface StreamReader {
  readonly name: string
  readonly consumer: Consumer
  readonly position: Position
  readonly durable: boolean
}

const POLICIES = {
  all: DeliverPolicy.All,
  new: DeliverPolicy.New,
  by_start_sequence: DeliverPolicy.StartSequence,
  by_start_time: DeliverPolicy.StartTime,
} as const

/** A message whose answer was cut off comes again after this long. */
const ACK_WAIT_MS = 5000
/** A consumer that a server lost is missed after two heartbeats, and made again. */
const WAIT = { expires: 10_000, idle_heartbeat: 1000 }

/**
 * Opens a stream for messages on `subject`. Throws where the server has no such stream, or where the consumer of this
 * name was made with other settings.
 */
export async function openStream(nats: NatsConnection, choice: StreamChoice, subject: string): Promise<StreamReader> {
  const { deliver_policy: policy, ...from } = startOf(choice.from)
  const start = { ...from, deliver_policy: POLICIES[policy] }
  try {
    const manager = await jetstreamManager(nats)
    const { config } = await manager.streams.info(choice.name)
    const gapless = config.subjects.every((held) => covers(subject, held))
    if (choice.durable === null) {
      const consumer = await jetstream(nats).consumers.get(choice.name, { ...start, filter_subjects: subject })
      return { name: choice.name, consumer, position: positionAfter(null, gapless), durable: false }
    }
    const info = await manager.consumers.add(choice.name, {
      ...start,
      durable_name: choice.durable,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      // One message at a time: whatever comes again comes before what follows it.
      max_ack_pending: 1,
    })
    const read = info.ack_floor.consumer_seq === 0 ? null : info.ack_floor.stream_seq
    const consumer = await jetstream(nats).consumers.get(choice.name, choice.durable)
    return { name: choice.name, consumer, position: positionAfter(read, gapless), durable: true }
  } catch (error) {
    throw refusal(choice, error)
  }
}

function refusal({ name, durable }: StreamChoice, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  const because = (text: string): Error => new Error(`bus: ${text}`, { cause: error })
  if (!(error instanceof JetStreamApiError))
    return because(`--stream=${name}: ${message}. Does the server run with JetStream?`)
  if (error.code === JetStreamApiCodes.StreamNotFound)
    return because(`--stream=${name}: the server has no such stream. Create it, or correct the name.`)
  if (durable === null) return because(`--stream=${name}: ${message}. Correct --from or --enrich.`)
  return because(
    `--durable=${durable}: ${message}. If it was made with other settings, choose another name, or remove it from stream ${name}.`,
  )
}

/** Reads a stream one message after another, in its order: none is overtaken, and what is late is answered late. */
export async function streamLane(
  { name, consumer, position, durable }: StreamReader,
  sender: Sender,
  counts: BusCounts,
  { log, stopwatch }: Pick<BusOptions, 'log' | 'stopwatch'>,
  watch: SequenceWatch,
): Promise<CloseLane> {
  const messages = await consumer.consume({ ...WAIT, max_messages: durable ? 1 : 100 })
  const take = (message: JsMsg): void => {
    counts.received += 1
    if (position.take(message.seq, message.info.pending)) {
      watch.take(message.headers?.get(SEQUENCE) ?? '', message.headers?.get(RUN) ?? '')
      const { subject, data, seq: sequence } = message
      sender.answer({
        subject,
        data,
        arrivedAt: stopwatch(),
        respond: null,
        at: { stream: name, sequence },
      })
    }
    if (durable) message.ack()
  }
  const done = (async (): Promise<void> => {
    for await (const message of messages) {
      take(message)
      // A long replay leaves turns to requests, pages and signals.
      await setImmediate()
    }
  })().catch((error: unknown) => log.warn({ stream: name, error: String(error) }, 'reading the stream ended'))
  const followed = follow(messages, counts, log)
  return async () => {
    await messages.close()
    await Promise.all([done, followed])
  }
}

/** Counts and logs what the consumer meets: a lost consumer is made again by the client. */
async function follow(messages: ConsumerMessages, counts: BusCounts, log: BusOptions['log']): Promise<void> {
  for await (const status of messages.status()) {
    if (status.type === 'next' || status.type === 'debug' || status.type === 'heartbeat') continue
    count(counts.events, status.type)
    log.warn({ event: status.type }, 'reading the stream')
  }
}
