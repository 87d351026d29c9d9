import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { createViewportScorer, type IncomingSnapshot } from '@breakwater/scorer'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { optionsOf } from './market.ts'
import { nats, serve, type Serving, stopped, warmSnapshots, withoutBus } from './serving.ts'

const folder = inject('models')
const path = nats.path ?? 'nats-server'
const NAME = 'LEVELS'
const FROM_ALL = ['--enrich', '--stream', NAME, '--from', 'all']
const DURABLE = [...FROM_ALL, '--durable', 'scorer']

const numbers = (messages: readonly Msg[]): number[] =>
  messages.map(({ headers }) => Number(headers?.get('Breakwater-Stream-Sequence')))
const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe.skipIf(withoutBus)('a scorer that reads a stream', () => {
  let server: NatsServer
  let client: NatsConnection
  let store: string
  let snapshots: IncomingSnapshot[]
  let scorer: Serving | undefined

  const start = (port = 0): Promise<NatsServer> =>
    startNatsServer({ path, port, config: `jetstream { store_dir: "${store}" }` })

  beforeEach(async () => {
    snapshots = await warmSnapshots(folder, 40)
    store = mkdtempSync(join(tmpdir(), 'breakwater-stream-'))
    server = await start()
    client = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  })
  afterEach(async () => {
    await scorer?.end()
    scorer = undefined
    await client.close()
    await stopped(server)
    rmSync(store, { recursive: true, force: true })
  })

  const addStream = async (more: object = {}): Promise<void> => {
    const manager = await jetstreamManager(client)
    await manager.streams.add({ name: NAME, subjects: ['levels.raw'], ...more })
  }
  /** Stores snapshots `from` to `to`, the last one excluded. */
  const store40 = async (from: number, to: number): Promise<void> => {
    for (const snapshot of snapshots.slice(from, to)) {
      await jetstream(client).publish('levels.raw', JSON.stringify(snapshot))
    }
  }
  /** Reads what is published: the next `count` messages. */
  const published = (): ((count: number) => Promise<Msg[]>) => {
    const messages = client.subscribe('levels.signals')[Symbol.asyncIterator]()
    return async (count) => {
      const read: Msg[] = []
      while (read.length < count) {
        const next = await messages.next()
        if (next.done === true) throw new Error('the subscription ended')
        read.push(next.value)
      }
      return read
    }
  }
  const joined = async (more: readonly string[]): Promise<Serving> => {
    scorer = serve(folder, server.url, more)
    await scorer.said(/joined the bus/)
    return scorer
  }
  test('every message is scored in order, as a scorer inside a program scores them, however fast they come', async () => {
    await addStream()
    await store40(0, 40)
    const next = published()
    await client.flush()
    const serving = await joined(FROM_ALL)
    const read = await next(40)
    expect(numbers(read)).toEqual(upTo(1, 40))
    const twin = await createViewportScorer(optionsOf(folder, 'law'))
    for (const [i, message] of read.entries()) {
      expect(message.json()).toEqual(JSON.parse(JSON.stringify(twin.score(snapshots[i] as IncomingSnapshot))))
    }
    expect(await serving.metric('breakwater_bus_dropped_total{reason="overtaken"}')).toBeNull()
    expect(await serving.metric('breakwater_stream_missed_total')).toBe(0)
    expect(await serving.metric('breakwater_stream_pending')).toBe(0)
  })

  test('a scorer that is killed continues where it ended; what was sent meanwhile is replayed', async () => {
    await addStream()
    await store40(0, 15)
    const next = published()
    await client.flush()
    const first = await joined(DURABLE)
    expect(numbers(await next(15))).toEqual(upTo(1, 15))
    const manager = await jetstreamManager(client)
    await expect.poll(async () => (await manager.consumers.info(NAME, 'scorer')).ack_floor.stream_seq).toBe(15)
    first.signal('SIGKILL')
    await first.ended
    await store40(15, 40)
    const second = await joined(DURABLE)
    expect(numbers(await next(25))).toEqual(upTo(16, 40))
    expect(await second.metric('breakwater_stream_missed_total')).toBe(0)
    expect(await second.metric('breakwater_stream_sequence')).toBe(40)
  })

  test('what a stream drops before it is read is counted', async () => {
    await addStream({ max_msgs: 5 })
    await store40(0, 4)
    const next = published()
    await client.flush()
    const first = await joined(DURABLE)
    expect(numbers(await next(4))).toEqual(upTo(1, 4))
    expect(await first.end()).toBe(0)
    await store40(4, 20)
    const second = await joined(DURABLE)
    expect(numbers(await next(5))).toEqual(upTo(16, 20))
    expect(await second.metric('breakwater_stream_missed_total')).toBe(11)
  })

  test.each([
    ['without a durable consumer', FROM_ALL],
    ['with one', DURABLE],
  ])('a server that is killed and comes back loses nothing, %s', async (_, flags) => {
    await addStream()
    await store40(0, 10)
    const next = published()
    await client.flush()
    const serving = await joined(flags)
    const before = numbers(await next(10))
    await server.kill()
    await serving.said(/"event":"disconnect"/)
    server = await start(server.port)
    await serving.said(/"event":"reconnect"/)
    await expect
      .poll(() => jetstreamManager(client).then((manager) => manager.streams.info(NAME)), { timeout: 20_000 })
      .toMatchObject({ state: { messages: 10 } })
    await store40(10, 40)
    await expect.poll(() => serving.metric('breakwater_stream_sequence'), { timeout: 60_000 }).toBe(40)
    expect(before).toEqual(upTo(1, 10))
    expect(numbers(await next(30))).toEqual(upTo(11, 40))
    expect(await serving.metric('breakwater_stream_missed_total')).toBe(0)
  })

  test('a stream that is not there, other settings of a consumer, and flags that lack others are errors', async () => {
    const failed = async (flags: readonly string[]): Promise<string> => {
      const { code, err } = await serve(folder, server.url, flags).ended
      expect([1, 2]).toContain(code)
      return err
    }
    expect(await failed(FROM_ALL)).toMatch(/bus: --stream=LEVELS: the server has no such stream\. Create it/)
    await addStream()
    const manager = await jetstreamManager(client)
    await manager.consumers.add(NAME, { durable_name: 'scorer', filter_subject: 'levels.raw' })
    expect(await failed(DURABLE)).toMatch(/bus: --durable=scorer: .*choose another name, or remove it/)
    expect(await failed(['--stream', NAME])).toMatch(/scorer: --stream=LEVELS: needs --enrich/)
    expect(await failed(['--enrich', '--durable', 'a'])).toMatch(/scorer: --durable: needs --stream/)
    expect(await failed([...FROM_ALL.slice(0, 3), '--from', 'noon'])).toMatch(/bus: --from=noon: must be new, all/)
    await server.stop()
    server = await startNatsServer({ path, port: server.port })
    expect(await failed(FROM_ALL)).toMatch(/bus: --stream=LEVELS: .*Does the server run with JetStream\?/)
  })
})
