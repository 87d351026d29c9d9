import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { followLines } from './lines.ts'
import type { Lines } from './lines.ts'

/** How to start a server. */
export interface ServerOptions {
  /** The program, as `findNatsServer` gives it. */
  readonly path: string
  /** Port on 127.0.0.1; 0 takes a free one. Default 0. */
  readonly port?: number
  /** Further lines of its configuration file. */
  readonly config?: string
}

/** A nats-server that runs as a child of this process. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Resolves with the first line of its log, past or coming, that matches. Rejects where the server ends before. */
  readonly logged: (pattern: RegExp) => Promise<string>
  /** Stops it at once, as a crash would, and resolves when it is gone. */
  readonly kill: () => Promise<void>
  /** Asks it to stop and resolves when it is gone. Harmless where it is gone already. */
  readonly stop: () => Promise<void>
}

/** Starts a nats-server on 127.0.0.1 and resolves when it accepts clients. */
export async function startNatsServer({ path, port = 0, config = '' }: ServerOptions): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-nats-'))
  const file = join(folder, 'server.conf')
  // -1 asks nats-server for a free port.
  writeFileSync(file, `host: "127.0.0.1"\nport: ${port === 0 ? -1 : port}\n${config}\n`)
  const child = spawn(path, ['-c', file, '--debug'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      rmSync(folder, { recursive: true, force: true })
      resolve()
    })
    child.once('error', () => resolve())
  })
  const lines: Lines = followLines(
    child.stderr,
    gone,
    (pattern) =>
      new Error(`nats: the server ended before its log said ${String(pattern)}:\n${lines.past.slice(-5).join('\n')}`),
  )
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await gone
  }
  const line = await lines.said(/Listening for client connections on 127\.0\.0\.1:\d+/)
  await lines.said(/Server is ready/)
  const taken = Number(/:(?<port>\d+)$/.exec(line)?.groups?.['port'])
  return {
    url: `nats://127.0.0.1:${taken}`,
    port: taken,
    logged: lines.said,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}
