import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { latestOnly, type SequenceWatch } from '@breakwater/viewport'
import { type Arrival, RUN, type Sender, SEQUENCE } from './send.ts'
import type { BusCounts, BusOptions } from './surface.ts'

/** How to stop reading: takes no more, and answers what waits. */
export type CloseLane = () => Promise<void>

const arrivalOf = (message: Msg, arrivedAt: number): Arrival => ({
  subject: message.subject,
  data: message.data,
  arrivedAt,
  respond: (data) => message.respond(data),
})

/** One subscription to what comes now: of a burst the newest is answered, the others are dropped and counted. */
export function liveLane(
  nats: Pick<NatsConnection, 'subscribe'>,
  subject: string,
  sender: Sender,
  counts: BusCounts,
  { log, stopwatch }: Pick<BusOptions, 'log' | 'stopwatch'>,
  watch?: SequenceWatch,
): CloseLane {
  const handle = latestOnly<Arrival>(
    sender.answer,
    (arrival) => sender.drop(arrival, 'overtaken', 'was overtaken by a newer one before its turn'),
    setImmediate,
  )
  const subscription = nats.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) {
        log.warn({ error: String(error) }, 'a subscription failed')
        return
      }
      counts.received += 1
      watch?.take(message.headers?.get(SEQUENCE) ?? '', message.headers?.get(RUN) ?? '')
      handle.offer(arrivalOf(message, stopwatch()))
    },
  })
  return async () => {
    await subscription.drain()
    handle.flush()
  }
}
