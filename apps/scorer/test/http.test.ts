import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { createViewportScorer } from '@breakwater/scorer'
import { afterEach, describe, expect, test } from 'vitest'
import { createFeed, type Feed } from '#src/serve/feed'
import { type HttpOptions, serveHttp } from '#src/serve/http'
import { createMetrics, type Metrics } from '#src/serve/metrics'
import { readinessOf } from '#src/serve/readiness'

interface TestServer {
  readonly port: number
  readonly feed: Feed
  readonly metrics: Metrics
}

let closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

async function served(more: Partial<HttpOptions> = {}, maxPages?: number): Promise<TestServer> {
  const scorer = await createViewportScorer()
  const feed = createFeed(maxPages)
  const metrics = createMetrics({ scorer, bus: () => null, feed, watch: null })
  const readiness = (): ReturnType<typeof readinessOf> => readinessOf(scorer, null, 0)
  const http = await serveHttp({ host: '127.0.0.1', port: 0, metrics, readiness, feed, ...more })
  closing.push(http.close)
  return { port: Number(new URL(http.url).port), feed, metrics }
}

/** A response with its head only. */
async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<IncomingMessage> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  asked.on('error', () => undefined)
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  return response
}

const statusOf = async (...args: Parameters<typeof ask>): Promise<number | undefined> => {
  const response = await ask(...args)
  response.destroy()
  return response.statusCode
}

const refusals = async (metrics: Metrics, reason: string): Promise<string | undefined> =>
  (await metrics.text())
    .split('\n')
    .find((line) => line.startsWith(`breakwater_http_refused_total{reason="${reason}"}`))

describe('requests', () => {
  test('for a name that is not this server’s are refused, as are pages of another origin', async () => {
    const { port, metrics } = await served({ allow: ['scorer.internal'] })
    const status = (headers: Record<string, string>): Promise<number | undefined> => statusOf(port, '/readyz', headers)
    for (const host of ['localhost', `localhost:${port}`, 'LOCALHOST', '127.0.0.1', '[::1]:80', 'scorer.internal:1']) {
      expect([host, await status({ host })]).toEqual([host, 503])
    }
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, '10.0.0.1', '[::2]']) {
      expect([host, await status({ host })]).toEqual([host, 403])
    }
    for (const [origin, expected] of [
      [`http://localhost:${port}`, 503],
      ['https://scorer.internal', 503],
      ['http://evil.example', 403],
      ['null', 403],
    ] as const) {
      expect([origin, await status({ origin })]).toEqual([origin, expected])
    }
    expect(await refusals(metrics, 'host')).toMatch(/ 4$/)
    expect(await refusals(metrics, 'origin')).toMatch(/ 2$/)
  })

  test('for any address are served where every address is listened on, and names are not', async () => {
    const { port } = await served({ host: '0.0.0.0' })
    expect(await statusOf(port, '/healthz', { host: '10.1.2.3:8787' })).toBe(200)
    expect(await statusOf(port, '/healthz', { host: 'evil.example' })).toBe(403)
  })

  test('with odd paths and methods have proper answers', async () => {
    const { port } = await served()
    const paths = ['/', '/healthz?x=/metrics', '//', '//evil.example/', '/%', '/..', 'http://127.0.0.1/', '/events/']
    const statuses = await Promise.all(paths.map((path) => statusOf(port, path)))
    expect(statuses).toEqual([200, 200, 404, 404, 404, 404, 404, 404])
    expect(await statusOf(port, '/', {}, 'POST')).toBe(405)
  })

  test('HEAD ends at once everywhere, without a body', async () => {
    const { port, feed } = await served()
    for (const path of ['/', '/healthz', '/metrics', '/events']) {
      const response = await ask(port, path, {}, 'HEAD')
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      await once(response, 'end')
      expect([path, response.statusCode, body]).toEqual([path, 200, ''])
    }
    expect(feed.readers).toBe(0)
  })
})

describe('live pages', () => {
  test('get their headers before the first payload, and then payloads', async () => {
    const { port, feed } = await served()
    const page = await ask(port, '/events')
    expect(page.headers['content-type']).toBe('text/event-stream')
    feed.push(() => '{"ts":1}')
    const [chunk] = (await once(page, 'data')) as [Buffer]
    expect(chunk.toString()).toBe('data: {"ts":1}\n\n')
    page.destroy()
  })

  test('are so many and no more', async () => {
    const { port, metrics } = await served({}, 2)
    const pages = [await ask(port, '/events'), await ask(port, '/events')]
    expect(await statusOf(port, '/events')).toBe(503)
    expect(await statusOf(port, '/healthz')).toBe(200)
    expect(await refusals(metrics, 'pages')).toMatch(/ 1$/)
    expect(await metrics.text()).toContain('breakwater_pages 2')
    for (const page of pages) page.destroy()
  })

  test('that stop reading are cut off', async () => {
    const { port, feed } = await served()
    const page = await ask(port, '/events')
    page.pause()
    const closed = new Promise((resolve) => page.on('close', resolve))
    const payload = 'x'.repeat(1_000_000)
    while (feed.counts.dropped === 0) {
      feed.push(() => payload)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    page.resume()
    await closed
    expect(feed.readers).toBe(0)
    expect(feed.counts.skipped).toBeGreaterThan(240)
  })
})

test('connections beyond the limit are dropped and counted', async () => {
  const { port, metrics } = await served({ maxConnections: 2 })
  const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  for (const socket of held) await once(socket, 'connect')
  // Answered on one of them, so both have been accepted.
  held[1]?.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(held[1] ?? connect(port), 'data')
  const third = connect(port, '127.0.0.1')
  third.on('error', () => undefined)
  await once(third, 'close')
  expect(await refusals(metrics, 'connections')).toMatch(/ 1$/)
  for (const socket of held) socket.destroy()
})
