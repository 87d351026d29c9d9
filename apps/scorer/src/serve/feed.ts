import type { ServerResponse } from 'node:http'
import { type FanOut, fanOut } from '@breakwater/viewport'

/** Sends the newest payload to whoever looks at the live page, as server-sent events. */
export interface Feed extends Omit<FanOut, 'join'> {
  /** Sends the newest payload, and those that come, to `response` until it closes; false where there are too many pages. */
  readonly follow: (response: ServerResponse) => boolean
}

const EVENT_STREAM = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }

/** A feed before its first payload, for at most `maxPages` pages at a time (default 64). */
export function createFeed(maxPages?: number): Feed {
  const out = fanOut({ later: setImmediate, ...(maxPages === undefined ? {} : { maxReaders: maxPages }) })
  return Object.assign(out, {
    follow(response: ServerResponse): boolean {
      if (out.isFull) return false
      response.writeHead(200, EVENT_STREAM).flushHeaders()
      const seat = out.join({
        isReady: () => !response.destroyed && !response.writableNeedDrain,
        write: (json) => void response.write(`data: ${json}\n\n`),
        end: () => response.end(),
        cut: () => response.destroy(),
      })
      response.on('close', seat.leave)
      // A page may go while it is written to.
      response.on('error', seat.leave)
      return true
    },
  })
}
