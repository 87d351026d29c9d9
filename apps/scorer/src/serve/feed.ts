import type { ServerResponse } from 'node:http'

/** Sends the newest payload to whoever looks at the live page, as server-sent events. */
export interface Feed {
  readonly push: (payload: object) => void
  /** Sends the newest payload, and all that come, to `response` until it closes. */
  readonly follow: (response: ServerResponse) => void
  readonly close: () => void
}

function send(page: ServerResponse, text: string): void {
  if (!page.writableNeedDrain) page.write(`data: ${text}\n\n`)
}

/** A feed before its first payload. A page that reads too slowly misses payloads; it never makes them queue. */
export function createFeed(): Feed {
  const pages = new Set<ServerResponse>()
  let newest: object | null = null
  return {
    push: (payload) => {
      newest = payload
      if (pages.size === 0) return
      const text = JSON.stringify(payload)
      for (const page of pages) send(page, text)
    },
    follow: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.flushHeaders()
      response.on('close', () => pages.delete(response))
      pages.add(response)
      if (newest !== null) send(response, JSON.stringify(newest))
    },
    close: () => {
      for (const page of pages) page.end()
      pages.clear()
    },
  }
}
