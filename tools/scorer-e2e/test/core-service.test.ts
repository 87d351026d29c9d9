import { join } from 'node:path'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { type IncomingSnapshot, viewportSchema, type ViewportPayload } from '@breakwater/scorer'
import { connect } from '@nats-io/transport-node'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { succeed } from './run.ts'
import { nats, stopped, withoutBus } from './serving.ts'

const folder = inject('models')
const SERVICE = 'examples/core-service/src/main.ts'
const market = {
  BARS: join(folder, 'bars.parquet'),
  PHYSICS: join(folder, 'physics.parquet'),
  SPEED: '0',
  TICKS: '2000',
}
const scoring = {
  VIEWPORT_SCORING_ENABLED: 'true',
  VIEWPORT_MODEL_DIR: join(folder, 'boosted_trees'),
  VIEWPORT_RETRIEVAL_INDEX: folder,
  VIEWPORT_PHYSICS: 'all',
  VIEWPORT_TIMEFRAME: '4min',
  VIEWPORT_HORIZONS: '60,300',
}
type Payload = IncomingSnapshot & { readonly viewport?: ViewportPayload }

const payloadsOf = (text: string): Payload[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Payload)

describe('the example Core Service', () => {
  test('publishes every snapshot without a viewport while scoring is off', async () => {
    const payloads = payloadsOf(
      await succeed(SERVICE, [], { ...market, ...scoring, VIEWPORT_SCORING_ENABLED: 'false' }),
    )
    expect(payloads).toHaveLength(2000)
    expect(payloads.filter((payload) => 'viewport' in payload)).toEqual([])
  })

  test('with scoring on the same snapshots have a viewport, pins and the horizons of the environment', async () => {
    const [off, on] = await Promise.all([succeed(SERVICE, [], market), succeed(SERVICE, [], { ...market, ...scoring })])
    const payloads = payloadsOf(on)
    expect(payloads.map((payload) => ({ ...payload, viewport: undefined }))).toEqual(payloadsOf(off))
    for (const { viewport } of payloads) expect(viewportSchema.safeParse(viewport).success).toBe(true)
    const targets = payloads.flatMap(({ viewport }) => viewport?.targets ?? [])
    expect(targets.filter(({ pinned }) => pinned).map(({ level_kind_name: kind }) => kind)).toContain('VWAP')
    const scored = targets.find(({ error }) => error === null)
    expect(Object.keys(scored?.time_to_threshold.t1 ?? {})).toEqual(['60', '300'])
    expect(scored?.p_break).toBeGreaterThan(0)
  })
})

describe.skipIf(withoutBus)('on the bus', () => {
  let server: NatsServer | undefined
  afterAll(() => stopped(server))

  test('the example publishes on levels.signals', async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    const client = await connect({ servers: server.url })
    const received: Payload[] = []
    client.subscribe('levels.signals', {
      callback: (_, message) => void received.push(message.json<Payload>()),
    })
    await client.flush()
    await succeed(SERVICE, [], { ...market, ...scoring, TICKS: '50', NATS_URL: server.url })
    await client.flush()
    expect(received).toHaveLength(50)
    expect(received.every(({ viewport }) => viewport?.error === null)).toBe(true)
    await client.close()
  })
})
