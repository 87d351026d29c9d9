import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Feed } from './feed.ts'
import type { Metrics } from './metrics.ts'
import { readPageFiles } from './page-files.ts'
import type { Readiness } from './readiness.ts'

/** What is served over HTTP. */
export interface HttpOptions {
  /** Default 127.0.0.1: nothing here asks who is calling. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly metrics: Metrics
  readonly readiness: () => Readiness
  /** The live page's payloads; null serves no page. */
  readonly feed: Feed | null
}

/** A running HTTP server. */
export interface HttpServer {
  readonly url: string
  readonly close: () => Promise<void>
}

// The page asks nobody but this server, and nobody else may show it in a frame.
const SAFE = {
  'content-security-policy':
    "default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

/** Serves /healthz, /readyz and /metrics, and with a feed the live page at /. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const files = options.feed === null ? new Map<string, never>() : readPageFiles()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${String(error)}\n`)
    })
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    if (path === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
    else if (path === '/readyz') {
      const readiness = options.readiness()
      response.writeHead(readiness.ready ? 200 : 503, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(readiness)}\n`)
    } else if (path === '/metrics') {
      const text = await options.metrics.text()
      response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text)
    } else if (path === '/events' && options.feed !== null) options.feed.follow(response)
    else {
      const file = files.get(path)
      if (file === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
      else response.writeHead(200, { ...SAFE, 'content-type': file.type }).end(file.body)
    }
  }
  await listen(server, options)
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      options.feed?.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
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
