// The trainer as a process, from the sources of this checkout.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { followLines } from '@breakwater/nats'

const MAIN = fileURLToPath(new URL('../../../apps/trainer/src/main.ts', import.meta.url))
export const SCHEMA: string = fileURLToPath(new URL('../../../data/features.json', import.meta.url))

/** How it ended. */
export interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts it in a folder. */
export function begin(cwd: string, args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', MAIN, ...args], {
    cwd,
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines = followLines(
    child.stderr,
    closed,
    (pattern) => new Error(`ended before ${String(pattern)}:\n${lines.past.join('\n')}`),
  )
  return {
    said: lines.said,
    signal: (name: NodeJS.Signals) => child.kill(name),
    ended: closed.then((code): Run => ({ code, out, err: lines.past.join('\n') })),
  }
}

/** Runs it to its end; throws where that is not 0. */
export async function succeed(cwd: string, args: readonly string[]): Promise<Run> {
  const run = await begin(cwd, args).ended
  if (run.code !== 0) throw new Error(`trainer ${args.join(' ')} ended with ${run.code}\n${run.err}`)
  return run
}

/** SHA-256 of every file in a folder by name; not of those in folders below it. */
export const hashesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )
