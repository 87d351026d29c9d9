import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { findNatsServer, type NatsServer } from '@breakwater/nats'
import type { IncomingSnapshot } from '@breakwater/scorer'
import { type NatsConnection, RequestError } from '@nats-io/transport-node'
import { lastSession, readMarket } from './market.ts'
import { launch, type Running } from './launch.ts'
import { SCORER } from './run.ts'

/** A scorer that serves as a process. */
export interface Serving extends Running {
  /** Address of its HTTP server. */
  readonly url: () => Promise<string>
  /** Reads a page of its HTTP server. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>
  /** Value of a metric, given with its labels as /metrics writes them; null where it is absent. */
  readonly metric: (name: string) => Promise<number | null>
  /** Asks it to end, and resolves with its exit code. */
  readonly end: () => Promise<number | null>
}

/**
 * Starts `scorer serve` with the models in `folder`. Messages of any age are taken, and models are read again on
 * SIGHUP alone.
 */
export function serve(folder: string, servers: string, more: readonly string[] = []): Serving {
  const models = ['--model-dir', join(folder, 'boosted_trees'), '--retrieval-index', folder, '--physics', 'all']
  const quiet = [
    '--max-age-ms',
    '0',
    '--max-ahead-ms',
    '0',
    '--ready-age-ms',
    '0',
    '--reload-seconds',
    '0',
    '--http-port',
    '0',
  ]
  const args = ['serve', '--nats', servers, ...models, ...quiet, ...more]
  const running = launch(SCORER, args, { VIEWPORT_SCORING_ENABLED: 'true' })
  const url = async (): Promise<string> => {
    const line = JSON.parse(await running.said(/"serving HTTP"/)) as { readonly url: string }
    return line.url
  }
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${await url()}${path}`)
    return { status: response.status, text: await response.text() }
  }
  return {
    ...running,
    url,
    get,
    metric: async (name) => {
      const { text } = await get('/metrics')
      const line = text.split('\n').find((one) => one.startsWith(`${name} `))
      return line === undefined ? null : Number(line.slice(name.length + 1))
    },
    end: async () => {
      running.signal('SIGTERM')
      return (await running.ended).code
    },
  }
}

/** The nats-server to start, and whether tests of the bus must be left out here. */
export const nats = findNatsServer()
/** Whether the bus can be tested here. In CI it must be, unless it was switched off. */
export const withoutBus: boolean = nats.path === undefined && nats.maySkip

/** Stops a server that may have been stopped. */
export const stopped = (server: NatsServer | undefined): Promise<void> => server?.stop() ?? Promise.resolve()

/** Snapshots of the last session every 15 s; the first hands over the bars of the three sessions before it. */
export async function warmSnapshots(folder: string, count: number): Promise<IncomingSnapshot[]> {
  const market = await readMarket(folder)
  const session = lastSession(market, 15_000)
  const days = 4 * 24 * 60 * 60_000
  const snapshots: IncomingSnapshot[] = []
  for (const snapshot of session.snapshots()) {
    const before = snapshots.length === 0 ? [...session.history()].filter(({ ts }) => ts > snapshot.ts - days) : []
    const bars = [...before, ...(snapshot.bars ?? [])]
    if (snapshots.push(bars.length === 0 ? snapshot : { ...snapshot, bars }) === count) break
  }
  return snapshots
}

/** Asks again where a connection was cut or nobody listened yet: a bus is said to be back before all have joined it again. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      // What joins the bus again runs meanwhile.
      await setImmediate()
    }
  }
}

/**
 * Waits until a test's own connection has a server again: each attempt to connect throws away what was to be sent, and
 * a request that is lost so is never answered.
 */
export const untilBack = (connection: NatsConnection): Promise<void> => untilAnswered(() => connection.flush())
