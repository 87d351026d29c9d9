import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from './run-trainer.ts'

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly err: string
}

/** Runs `breakwater` as a process of its own, in a folder and with variables; the file system's calls are counted, see kill-at.ts. */
export async function runBreakwater(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const watched = ['--import', new URL('./kill-at.ts', import.meta.url).href]
  const main = join(ROOT, 'apps', 'cli', 'src', 'main.ts')
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', ...watched, main, ...args], {
    cwd,
    env: { ...process.env, BREAKWATER_TRACKING: 'none', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, err }
}
