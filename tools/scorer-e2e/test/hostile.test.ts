import { get } from 'node:http'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { type IncomingSnapshot, viewportSchema, type ViewportPayload, type ViewportScorer } from '@breakwater/scorer'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { nats, serve, type Serving, stopped, warmSnapshots, withoutBus } from './serving.ts'
import { beginning, enabled } from './warm.ts'

const folder = inject('models')
const { snapshots, warmScorer } = await beginning(folder)
const [first, second, third] = snapshots

const nest = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth)
const deepList = nest(5000, '[', ']')
const deepObject = nest(5000, '{"a":', '}').replace('}', '1}')

/** Texts to put in the place of a field's value. */
const HOSTILE = [
  ['nested lists', deepList],
  ['nested objects', deepObject],
  ['a number beyond all', '1e999'],
  ['a long number', '9'.repeat(2000)],
  ['lone surrogates', '"\\ud800\\udfff\\ud83d"'],
  ['a long text', `"${'x'.repeat(100_000)}"`],
  ['a prototype', '{"__proto__":{"toJSON":1},"constructor":{"prototype":1}}'],
] as const

/** A snapshot as JSON with `text` in unknown fields of every object, and a level and a bar made of it. */
function spoiled(snapshot: IncomingSnapshot, text: string): string {
  const [level, ...levels] = snapshot.levels.map((one) => JSON.stringify(one))
  const mark = `"unknown":${text},`
  const spot = `{${mark}"spot":${snapshot.spy.spot}}`
  const odd = `{${mark}"id":${text},"kind":${text},"price":${text},"physics":{"tape_imbalance":${text}}}`
  return `{${mark}"ts":${snapshot.ts},"spy":${spot},"levels":[{${mark}${level?.slice(1)},${levels.join()},${odd},${text}],"bars":[${text}]}`
}

const WORDS = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'a word of the sender']

/** A snapshot as JSON whose kinds, ids, readings and unknown fields are {@link WORDS}. */
function wordy(snapshot: IncomingSnapshot): string {
  const fields = WORDS.map((word) => `"${word}":"${word}"`).join()
  const levels = WORDS.map((word, i) => {
    const price = snapshot.spy.spot + i / 50
    return `{"id":"${word}","kind":"${word}","price":${price},${fields},"physics":{"barrier_state":"${word}",${fields}}}`
  })
  return `{"ts":${snapshot.ts},"spy":{"spot":${snapshot.spy.spot}},"levels":[${levels.join()}],${fields}}`
}

describe('a scorer inside a program, given hostile snapshots', () => {
  let scorer: ViewportScorer
  let twin: ViewportScorer
  beforeEach(async () => {
    ;[scorer, twin] = await Promise.all([warmScorer(folder), warmScorer(folder)])
    scorer.score(first)
    twin.score(first)
  })

  test.each(HOSTILE)('%s: the others are scored, the result is JSON, and a good tick scores after it', (_, text) => {
    const payload = scorer.score(JSON.parse(spoiled(second, text)) as IncomingSnapshot)
    const published = JSON.parse(JSON.stringify(payload)) as { viewport: ViewportPayload }
    expect(viewportSchema.safeParse(published.viewport).success).toBe(true)
    expect(published.viewport.error).toBeNull()
    expect(published.viewport.targets).toEqual(JSON.parse(JSON.stringify(twin.score(second).viewport?.targets)))
    expect(scorer.score(third)).toEqual(twin.score(third))
  })

  test.each(HOSTILE)('%s in the place of the quote or the time is refused, and changes nothing', (_, text) => {
    for (const field of ['ts', 'spy']) {
      const given = JSON.parse(`{${JSON.stringify(second).slice(1, -1)},"${field}":${text}}`) as IncomingSnapshot
      const payload = scorer.score(given)
      expect(payload.viewport?.error?.code).toMatch(/^(?:bad_|time_)/)
      expect(JSON.stringify(payload).length).toBeLessThan(1e5)
    }
    expect(scorer.score(second)).toEqual(twin.score(second))
  })

  test('words of a message are counted, whatever they are called', () => {
    const payload = scorer.score(JSON.parse(wordy(second)) as IncomingSnapshot)
    expect(payload.viewport?.targets.map(({ error }) => error)).toEqual(WORDS.map(() => null))
    const { unseenCategories, unknownFields } = enabled(scorer)
    expect(Object.keys(unseenCategories['level_kind_name'] ?? {})).toEqual(expect.arrayContaining([...WORDS]))
    expect(Object.keys(unknownFields)).toEqual(expect.arrayContaining(WORDS.map((word) => `levels[].${word}`)))
  })

  test('a snapshot whose fields throw is refused', () => {
    const hostile = Object.defineProperty({}, 'ts', {
      enumerable: true,
      get() {
        throw new Error('not for you')
      },
    }) as IncomingSnapshot
    expect(scorer.score(hostile)).toMatchObject({ viewport: { error: { code: 'failed', message: 'not for you' } } })
    expect(scorer.score(second)).toEqual(twin.score(second))
  })
})

describe.skipIf(withoutBus)('a scorer that serves a page on a real bus, given hostile messages', () => {
  let server: NatsServer
  let client: NatsConnection
  let scorer: Serving
  beforeEach(async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    client = await connect({ servers: server.url })
    scorer = serve(folder, server.url, ['--ui', '--enrich'])
    await scorer.said(/joined the bus/)
  })
  afterEach(async () => {
    await scorer.end()
    await client.close()
    await stopped(server)
  })

  const ask = async (text: string): Promise<{ viewport?: ViewportPayload; error?: { code: string } }> =>
    (await client.request('viewport.score', text, { timeout: 60_000 })).json()

  test('counts words of a message, and none becomes a label', async () => {
    const [snapshot, next] = await warmSnapshots(folder, 2)
    await ask(JSON.stringify(snapshot))
    const { viewport } = await ask(wordy(next ?? first))
    expect(viewport?.error).toBeNull()
    const { status, text } = await scorer.get('/metrics')
    expect(status).toBe(200)
    expect(text).toContain('breakwater_unknown_fields_total{place="levels"} 25')
    expect(text).toContain('breakwater_unknown_fields_total{place="snapshot"} 5')
    expect(WORDS.filter((word) => text.includes(`"${word}"`) || text.includes(`.${word}"`))).toEqual([])
  })

  test('holds and tells no more, however many levels, kinds, fields and names come', async () => {
    const [snapshot] = await warmSnapshots(folder, 1)
    await ask(JSON.stringify(snapshot))
    const { spot } = snapshot?.spy ?? first.spy
    const before = (await scorer.get('/metrics')).text.length
    for (let i = 0; i < 30; i++) {
      const levels = Array.from({ length: 400 }, (_, j) => ({
        id: `${i}`,
        kind: `kind ${i} ${j}`,
        price: spot + j / 1e4,
      }))
      const fields = Object.fromEntries(Array.from({ length: 50 }, (_, j) => [`field ${i} ${j}`, 1]))
      const long = { [`${i}`.repeat(100_000)]: 1, levels: [...levels, { ...levels[0], kind: 'x'.repeat(100_000) }] }
      const { viewport } = await ask(JSON.stringify({ ...snapshot, bars: [], ...fields, ...long }))
      expect(viewport?.error).toBeNull()
      expect(viewport?.rejected).toEqual([{ index: 400, level_id: `${i}`, code: 'bad_level' }])
    }
    expect(await scorer.metric('breakwater_levels')).toBeLessThanOrEqual(5000)
    expect(await scorer.metric('breakwater_evicted_levels_total')).toBeGreaterThan(7000)
    expect((await scorer.get('/metrics')).text.length).toBeLessThan(before + 4000)
  })

  test('goes on while a page is open', async () => {
    const good = await warmSnapshots(folder, 3)
    const events = get(`${await scorer.url()}/events`)
    const opened = await new Promise<NodeJS.ReadableStream>((resolve) => events.on('response', resolve))
    opened.resume()
    const replies: (ViewportPayload | undefined)[] = []
    replies.push((await ask(JSON.stringify(good[0]))).viewport)
    for (const [, text] of HOSTILE) {
      const { error, viewport } = await ask(spoiled(good[1] ?? first, text))
      expect(error?.code ?? viewport?.error ?? 'scored').toMatch(/^(?:too_deep|scored)$/)
    }
    replies.push((await ask(JSON.stringify(good[2]))).viewport)
    expect(replies.map((viewport) => viewport?.error)).toEqual([null, null])
    expect(await scorer.metric('breakwater_bus_dropped_total{reason="too_deep"}')).toBe(2)
    events.destroy()
    expect(await scorer.end()).toBe(0)
  })
})
