import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { LivePage, PageFile } from '@breakwater/pages/live'
import { payloadJsonSchema } from '@breakwater/viewport/payload'
import type { HttpRefusal, Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'

/** What is served over HTTP. */
export interface HttpOptions {
  /** Default 127.0.0.1: nothing here asks who is calling. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Names that requests may use for this server beside `host` and those of the loopback. */
  readonly allow?: readonly string[]
  /** Connections at a time; default 256. */
  readonly maxConnections?: number
  readonly metrics: Metrics
  readonly readiness: () => Readiness
  /** What is watched, as JSON at /health.json: null where nothing is. */
  readonly health?: (() => object) | undefined
  /** The live page; null serves none. */
  readonly page: LivePage | null
}

/** A running HTTP server. */
export interface HttpServer {
  readonly url: string
  readonly close: () => Promise<void>
}

// The page connects to this server only, and no other page may frame it.
const SAFE = {
  'content-security-policy':
    "default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

/** Serves /healthz, /readyz and /metrics, and with a page the live page at /, to those who ask for an allowed host. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { page, metrics } = options
  const isAllowed = allowedHosts(options)
  const refuse = (response: ServerResponse, status: number, reason: HttpRefusal): void => {
    metrics.countRefusal(reason)
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${REFUSALS[reason]}\n`)
  }
  const answer = async ({ method, url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isAllowed(headers.host)) return refuse(response, 403, 'host')
    if (headers.origin !== undefined && !isAllowed(headers.origin.replace(/^https?:\/\//, '')))
      return refuse(response, 403, 'origin')
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
    const [path = ''] = url.split('?', 1)
    if (path === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
    else if (path === '/readyz') {
      const readiness = options.readiness()
      response.writeHead(readiness.ready ? 200 : 503, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(readiness)}\n`)
    } else if (path === '/health.json') {
      response
        .writeHead(200, { ...SAFE, 'content-type': 'application/json' })
        .end(`${JSON.stringify(options.health?.() ?? null)}\n`)
    } else if (path === '/metrics') {
      const text = await metrics.text()
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    } else if (path === '/events' && page !== null) {
      if (method === 'HEAD') response.writeHead(200, { 'content-type': 'text/event-stream' }).end()
      else if (!page.follow(response)) refuse(response, 503, 'pages')
    } else {
      const file = page === null ? null : path === '/schema.json' ? schemaFile() : page.read(url)
      if (file === null) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
      else response.writeHead(200, { ...SAFE, 'content-type': file.type }).end(file.body)
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(`${String(error)}\n`)
    })
  })
  server.maxConnections = options.maxConnections ?? 256
  server.on('drop', () => metrics.countRefusal('connections'))
  await listen(server, options)
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      page?.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const schemaFile = (): PageFile => ({
  type: 'application/schema+json',
  body: Buffer.from(JSON.stringify(payloadJsonSchema(), null, 2)),
})

const REFUSALS: Readonly<Record<HttpRefusal, string>> = {
  host: 'this host is not served here; --http-allow names further ones',
  origin: 'pages of this origin are not served here; --http-allow names further ones',
  pages: 'too many pages are open',
  connections: 'too many connections are open',
}

/**
 * Tells a `host:port` that this server goes by. A page of another name that resolves to this machine (DNS rebinding) asks under
 * its own name. Where every address is listened on, any address will do: a browser is at a name there, or knows the address.
 */
function allowedHosts({ host, allow = [] }: HttpOptions): (authority: string | undefined) => boolean {
  const names = new Set(['localhost', '127.0.0.1', '::1', host, ...allow].map((name) => name.toLowerCase()))
  const isAnywhere = host === '0.0.0.0' || host === '::'
  return (authority = '') => {
    const name = authority
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1')
    return names.has(name) || (isAnywhere && isIP(name) !== 0)
  }
}

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(`scorer: --http-port=${port}: cannot listen on ${host}: ${cause.message}. Choose another port.`, {
          cause,
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
}
