import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

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
  const log = followLog(child, gone)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await gone
  }
  const line = await log(/Listening for client connections on 127\.0\.0\.1:\d+/)
  await log(/Server is ready/)
  const taken = Number(/:(?<port>\d+)$/.exec(line)?.groups?.['port'])
  return {
    url: `nats://127.0.0.1:${taken}`,
    port: taken,
    logged: log,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

function followLog(child: ChildProcess, gone: Promise<void>): NatsServer['logged'] {
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      for (const look of waiting) look(line)
    })
  }
  return (pattern) => {
    const past = lines.find((line) => pattern.test(line))
    if (past !== undefined) return Promise.resolve(past)
    const coming = new Promise<string>((resolve) => {
      const look = (line: string): void => {
        if (!pattern.test(line)) return
        waiting.delete(look)
        resolve(line)
      }
      waiting.add(look)
    })
    const ended = gone.then(() => {
      throw new Error(`nats: the server ended before its log said ${String(pattern)}:\n${lines.slice(-5).join('\n')}`)
    })
    return Promise.race([coming, ended])
  }
}
