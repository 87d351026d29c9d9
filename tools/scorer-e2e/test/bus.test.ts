import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { createViewportScorer, type IncomingSnapshot, viewportSchema, type ViewportPayload } from '@breakwater/scorer'
import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { copyModels, optionsOf } from './market.ts'
import { nats, serve, type Serving, stopped, untilAnswered, untilBack, warmSnapshots, withoutBus } from './serving.ts'

interface Payload extends IncomingSnapshot {
  readonly viewport?: ViewportPayload
  readonly error?: { readonly code: string; readonly message: string }
}

const folder = inject('models')
const path = nats.path ?? 'nats-server'
const TIMEOUT = 60_000

describe.skipIf(withoutBus)('a scorer on a real bus', () => {
  let server: NatsServer
  let client: NatsConnection
  let scorer: Serving | undefined
  let snapshots: IncomingSnapshot[]

  beforeEach(async () => {
    snapshots = await warmSnapshots(folder, 60)
    server = await startNatsServer({ path })
    client = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  })
  afterEach(async () => {
    await scorer?.end()
    scorer = undefined
    await client.close()
    await stopped(server)
  })

  const request = async (value: unknown): Promise<Payload> => {
    const data = typeof value === 'string' ? value : JSON.stringify(value)
    return (await client.request('viewport.score', data, { timeout: TIMEOUT })).json<Payload>()
  }
  const joined = async (more: readonly string[] = []): Promise<Serving> => {
    scorer = serve(folder, server.url, more)
    await scorer.said(/joined the bus/)
    return scorer
  }
  /** Payloads on levels.signals: the next one that `wanted` wants. */
  const published = (): ((wanted: (payload: Payload) => boolean) => Promise<Payload>) => {
    const messages = client.subscribe('levels.signals')[Symbol.asyncIterator]()
    return async (wanted) => {
      for (;;) {
        const message = await messages.next()
        if (message.done === true) throw new Error('the subscription ended')
        const payload = message.value.json<Payload>()
        if (wanted(payload)) return payload
      }
    }
  }

  test('requests are answered with what a scorer inside a program says', async () => {
    await joined()
    const twin = await createViewportScorer(optionsOf(folder, 'law'))
    let targets = 0
    for (const snapshot of snapshots) {
      const payload = await request(snapshot)
      expect(payload).toEqual(JSON.parse(JSON.stringify(twin.score(snapshot))))
      expect(viewportSchema.safeParse(payload.viewport).success).toBe(true)
      targets += payload.viewport?.targets.length ?? 0
    }
    expect(targets).toBeGreaterThan(100)
  })

  test('a request that cannot be scored is told why, and the scorer goes on', async () => {
    const serving = await joined()
    expect(await request('{"ts":')).toEqual({
      error: { code: 'malformed', message: 'scorer: the request is not a JSON object.' },
    })
    expect(await request('[1,2]')).toMatchObject({ error: { code: 'malformed' } })
    expect(await request('{"ts":1,"viewport":{}}')).toMatchObject({ error: { code: 'scored_before' } })
    expect(await request('{"ts":NaN}')).toMatchObject({ error: { code: 'malformed' } })
    expect(await request({ ...snapshots[0], spy: { spot: 0 } })).toMatchObject({
      viewport: { error: { code: 'bad_spot' }, targets: [] },
    })
    expect(await request(snapshots[0])).toMatchObject({ viewport: { error: null } })
    expect(await request({ ...snapshots[1], ts: 1000 })).toMatchObject({
      viewport: { error: { code: 'time_backwards' } },
    })
    expect(await request(snapshots[1])).toMatchObject({ viewport: { error: null } })
    expect(await serving.metric('breakwater_bus_dropped_total{reason="malformed"}')).toBe(3)
    expect(await serving.metric('breakwater_refused_ticks_total{code="bad_spot"}')).toBe(1)
    expect(await serving.metric('breakwater_ticks_total')).toBe(2)
  })

  test('level payloads are published with a viewport and all else as it was; what is no payload is dropped', async () => {
    const serving = await joined(['--enrich'])
    const next = published()
    client.publish('levels.raw', 'not JSON')
    client.publish(
      'levels.raw',
      JSON.stringify({ ...snapshots[0], venue: 'X', levels: [{ ...snapshots[0]?.levels[0], colour: 'red' }] }),
    )
    const payload = await next(() => true)
    expect(payload).toMatchObject({ ts: snapshots[0]?.ts, venue: 'X', levels: [{ colour: 'red' }] })
    expect(viewportSchema.safeParse(payload.viewport).success).toBe(true)
    // Its own output does not come back as input.
    client.publish('levels.raw', JSON.stringify(payload))
    client.publish('levels.raw', JSON.stringify(snapshots[1]))
    expect((await next(() => true)).ts).toBe(snapshots[1]?.ts)
    const dropped = ['malformed', 'scored_before', 'overtaken'].map((reason) =>
      serving.metric(`breakwater_bus_dropped_total{reason="${reason}"}`),
    )
    const counts = await Promise.all(dropped)
    expect(counts.reduce<number>((sum, one) => sum + (one ?? 0), 0)).toBe(2)
    expect(await serving.metric('breakwater_unknown_fields_total{place="levels"}')).toBe(1)
  })

  test('payloads are numbered, and gaps are counted in those that come numbered', async () => {
    const serving = await joined(['--enrich'])
    const messages = client.subscribe('levels.signals')[Symbol.asyncIterator]()
    const numbers: string[][] = []
    for (const [i, sequence] of [4, 5, 9].entries()) {
      const numbered = headers()
      numbered.set('Breakwater-Sequence', String(sequence))
      client.publish('levels.raw', JSON.stringify(snapshots[i]), { headers: numbered })
      const next = await messages.next()
      if (next.done === true) throw new Error('the subscription ended')
      const sent = next.value.headers
      numbers.push([sent?.get('Breakwater-Sequence') ?? '', sent?.get('Breakwater-Run') ?? ''])
    }
    expect(numbers.map(([sequence]) => sequence)).toEqual(['1', '2', '3'])
    expect(new Set(numbers.map(([, run]) => run)).size).toBe(1)
    expect(numbers[0]?.[1]).toMatch(/^\d+$/)
    expect(await serving.metric('breakwater_bus_missed_total')).toBe(3)
    expect(await serving.metric('breakwater_bus_restarts_total')).toBe(0)
  })

  test('of a burst the newest is scored and the others are dropped and counted, none is queued', async () => {
    const serving = await joined(['--enrich'])
    const next = published()
    const burst = Array.from({ length: 300 }, (_, i) => ({
      ...snapshots[0],
      bars: [],
      ts: (snapshots[0]?.ts ?? 0) + i,
    }))
    for (const snapshot of burst) client.publish('levels.raw', JSON.stringify(snapshot))
    await next(({ ts }) => ts === burst.at(-1)?.ts)
    const scored = (await serving.metric('breakwater_bus_sent_total{way="published"}')) ?? 0
    const overtaken = (await serving.metric('breakwater_bus_dropped_total{reason="overtaken"}')) ?? 0
    expect(scored + overtaken).toBe(300)
    expect(overtaken).toBeGreaterThan(0)
  })

  test('a server that is killed and comes back is joined again, and readiness tells', async () => {
    const serving = await joined()
    expect((await serving.get('/readyz')).status).toBe(200)
    await request(snapshots[0])
    await server.kill()
    await serving.said(/"event":"disconnect"/)
    const cut = await serving.get('/readyz')
    expect(cut.status).toBe(503)
    expect(JSON.parse(cut.text)).toMatchObject({ ready: false, reasons: ['the bus is not connected'], bus: false })
    expect((await serving.get('/healthz')).status).toBe(200)
    server = await startNatsServer({ path, port: server.port })
    await serving.said(/"event":"reconnect"/)
    await untilBack(client)
    const payload = await untilAnswered(() => request(snapshots[1]))
    expect(payload).toMatchObject({ ts: snapshots[1]?.ts, viewport: { error: null } })
    expect((await serving.get('/readyz')).status).toBe(200)
    expect(await serving.metric('breakwater_bus_events_total{event="reconnect"}')).toBe(1)
  })

  test('a scorer that the server cuts off as a slow consumer joins again and scores the newest', async () => {
    await server.stop()
    server = await startNatsServer({ path, port: server.port, config: 'max_payload: 262144\nmax_pending: 262144' })
    const serving = await joined(['--enrich'])
    const next = published()
    await untilBack(client)
    const [first, second] = snapshots
    client.publish('levels.raw', JSON.stringify({ ...first, bars: [] }))
    await next(() => true)
    serving.signal('SIGSTOP')
    // Nested, so that it is not published again: a busy test would be cut off in the scorer's place.
    const filler = JSON.stringify({ ...first, bars: [], filler: { text: 'x'.repeat(200_000) } })
    const cutOff = server.logged(/Slow Consumer Detected/)
    // Far more than the sockets in between hold: the server must find its buffer full.
    for (let i = 0; i < 300; i++) {
      client.publish('levels.raw', filler)
      await client.flush()
    }
    await cutOff
    serving.signal('SIGCONT')
    await serving.said(/"event":"reconnect"/)
    const heard = next(({ ts }) => ts === second?.ts)
    // The connection is said to be back before the server has every subscription again: what comes in between is nobody's.
    const publishing = setInterval(() => client.publish('levels.raw', JSON.stringify({ ...second, bars: [] })), 100)
    try {
      expect(await heard).toMatchObject({ viewport: { error: null } })
    } finally {
      clearInterval(publishing)
    }
  })

  test('a scorer that is told to end answers what it was asked before, and leaves', async () => {
    const serving = await joined()
    await request(snapshots[0])
    const reply = request(snapshots[1])
    await client.flush()
    expect(await serving.end()).toBe(0)
    expect(await reply).toMatchObject({ ts: snapshots[1]?.ts, viewport: { error: null } })
    expect(serving.count(/"ended"/)).toBe(1)
    const { next } = JSON.parse(await serving.said(/"msg":"ready"/)) as { readonly next: string }
    expect(next).toBe("nats request viewport.score '<snapshot>'")
    expect(JSON.parse(await serving.said(/"msg":"ended"/))).toMatchObject({
      next: 'breakwater serve --audit <folder> keeps what is published, for breakwater evaluate --served',
    })
    await expect(request(snapshots[2])).rejects.toThrow(/no responders/i)
  })

  test('a scorer waits for a server that is not there yet, and can be told to end while it waits', async () => {
    await server.stop()
    const waiting = serve(folder, server.url)
    expect(JSON.parse((await waiting.get('/readyz')).text)).toMatchObject({ ready: false, bus: false })
    expect(JSON.parse(await waiting.said(/no server answers/))).toMatchObject({
      servers: `127.0.0.1:${server.port}`,
    })
    expect(await waiting.end()).toBe(0)
    scorer = serve(folder, server.url)
    await scorer.url()
    server = await startNatsServer({ path, port: server.port })
    await scorer.said(/joined the bus/)
    await untilBack(client)
    expect(await request(snapshots[0])).toMatchObject({ viewport: { error: null } })
  })

  test('a scorer whose server has gone ends when it is told to', async () => {
    const serving = await joined()
    await server.kill()
    await serving.said(/"event":"disconnect"/)
    expect(await serving.end()).toBe(0)
  })

  test('a server that refuses the credentials is an error that says so', async () => {
    await server.stop()
    server = await startNatsServer({ path, port: server.port, config: 'authorization { token: "t0ken" }' })
    const { code, err } = await serve(folder, server.url).ended
    expect(code).toBe(1)
    expect(err).toMatch(
      /bus: --nats=127\.0\.0\.1:\d+: .*authorization.*\. Pass credentials with --creds, or user and password\./i,
    )
  })

  test('new models serve after SIGHUP; bad ones are refused and the old ones serve on', async () => {
    const copy = copyModels(folder)
    try {
      scorer = serve(copy.path, server.url)
      await scorer.said(/joined the bus/)
      const before = await request(snapshots[0])
      const other = (name: string): readonly [string, string] => [
        join(folder, 'other_models', name),
        join(copy.path, 'boosted_trees', name),
      ]
      copyFileSync(...other('metadata_stage_a_full.json'))
      scorer.signal('SIGHUP')
      await scorer.said(/new models refused/)
      expect((await request(snapshots[1])).viewport?.models).toEqual(before.viewport?.models)
      const rest = readdirSync(join(folder, 'other_models')).filter((name) => name.includes('stage_a_full'))
      for (const name of rest) copyFileSync(...other(name))
      scorer.signal('SIGHUP')
      await scorer.said(/models reloaded/)
      const after = await request(snapshots[2])
      expect(after.viewport?.models.stage_a).not.toBe(before.viewport?.models.stage_a)
      expect(await scorer.metric('breakwater_reloads_total{result="refused"}')).toBe(1)
      expect(await scorer.metric('breakwater_reloads_total{result="swapped"}')).toBe(1)
    } finally {
      copy.remove()
    }
  })

  test('metrics tell of ticks, targets and models; what is not there is 404, and nothing is written to', async () => {
    const serving = await joined()
    for (const snapshot of snapshots.slice(0, 30)) await request(snapshot)
    expect(await serving.metric('breakwater_tick_seconds_count')).toBe(30)
    expect(await serving.metric('breakwater_ticks_total')).toBe(30)
    const states = ['FAR', 'APPROACHING', 'IN_MONITOR_BAND', 'TOUCH', 'CONFIRMATION', 'RESOLVED']
    const targets = await Promise.all(states.map((state) => serving.metric(`breakwater_targets{state="${state}"}`)))
    expect(targets.reduce<number>((sum, one) => sum + (one ?? Number.NaN), 0)).toBeGreaterThan(0)
    const { text } = await serving.get('/metrics')
    expect(text).toMatch(
      /^breakwater_model_info\{stage="stage_b",metadata_sha256="[\da-f]{64}",trained_at="[^"]+"\} 1$/m,
    )
    expect(text).toMatch(/^breakwater_out_of_distribution_ratio [\d.e-]+$/m)
    expect(text).toContain('nodejs_gc_duration_seconds')
    expect(await serving.get('/healthz')).toEqual({ status: 200, text: 'ok\n' })
    expect((await serving.get('/')).status).toBe(404)
    expect((await fetch(`${await serving.url()}/metrics`, { method: 'POST' })).status).toBe(405)
    const ready = JSON.parse((await serving.get('/readyz')).text) as { readonly models: Record<string, unknown> }
    expect(ready.models['stage_b']).toMatchObject({ heads: 27, skippedHeads: [], lackingFeatures: [] })
  })
})
