import type { ServerResponse } from 'node:http'
import { type FanOut, fanOut } from '@breakwater/viewport'
import { pageFiles, type PageFile } from './files.ts'
import { type OutcomeSettings, sessionMemory } from './session/memory.ts'

/** Serves the live page: its files, the session so far, and the newest payload to whoever looks at it. */
export interface LivePage extends Omit<FanOut, 'join' | 'push'> {
  /** Takes a payload that went through the scorer, and returns soon: pages get its JSON in later turns of the event loop. */
  readonly push: (payload: object, json: () => string) => void
  /** Sends the newest payload, and those that come, to `response` until it closes; false where there are too many pages. */
  readonly follow: (response: ServerResponse) => boolean
  /** What is at a path with its query, other than `/events`; null where there is nothing. */
  readonly read: (url: string) => PageFile | null
}

/** How to serve the live page. */
export interface LivePageOptions extends OutcomeSettings {
  /** Default 64 at a time. */
  readonly maxPages?: number
  /** Bars that had ended before the first payload, oldest first. Those of its day are shown. */
  readonly history?: Iterable<unknown>
}

const EVENT_STREAM = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }
const JSON_TYPE = 'application/json'

/** The live page before its first payload. */
export async function createLivePage({ maxPages, history = [], ...outcomes }: LivePageOptions = {}): Promise<LivePage> {
  const files = await pageFiles('live')
  const memory = sessionMemory(outcomes)
  for (const bar of history) memory.learn(bar)
  const out = fanOut({ later: setImmediate, ...(maxPages === undefined ? {} : { maxReaders: maxPages }) })
  const answers: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
    '/session': (query) => memory.since(Number(query.get('since')) || 0),
    '/touch': (query) => memory.touch(query.get('id') ?? ''),
    '/probabilities': (query) => memory.probabilities(query.get('level') ?? ''),
  }
  const { push: send } = out
  const push: LivePage['push'] = (payload, json) => {
    memory.take(payload)
    const { revision } = memory
    // The revision tells a page whether there is more to ask for.
    send(() => `id: ${revision}\ndata: ${json()}\n\n`)
  }
  return Object.assign(out, {
    push,
    follow(response: ServerResponse): boolean {
      if (out.isFull) return false
      response.writeHead(200, EVENT_STREAM).flushHeaders()
      const seat = out.join({
        isReady: () => !response.destroyed && !response.writableNeedDrain,
        write: (event) => void response.write(event),
        end: () => response.end(),
        cut: () => response.destroy(),
      })
      response.on('close', seat.leave)
      // A page may go while it is written to.
      response.on('error', seat.leave)
      return true
    },
    read(url: string): PageFile | null {
      const [path = '', query = ''] = url.split('?', 2)
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
      if (answer === undefined) return files.get(path === '/' ? 'live.html' : path.slice(1)) ?? null
      return { type: JSON_TYPE, body: Buffer.from(JSON.stringify(answer(new URLSearchParams(query)))) }
    },
  })
}
