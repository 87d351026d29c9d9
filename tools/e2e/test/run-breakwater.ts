import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { followLines } from '@breakwater/nats'
import { ROOT } from './run-trainer.ts'

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

/** The program while it runs. */
export interface RunningBreakwater {
  /** Resolves with the first line on stderr, past or coming, that matches; rejects where the program ends before. */
  readonly said: (pattern: RegExp) => Promise<string>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
}

/** Starts `breakwater` as a process of its own, in a folder and with variables; the file system's calls are counted, see kill-at.ts. */
export function launchBreakwater(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): RunningBreakwater {
  const watched = ['--import', new URL('./kill-at.ts', import.meta.url).href]
  const main = join(ROOT, 'apps', 'cli', 'src', 'main.ts')
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', ...watched, main, ...args], {
    cwd,
    env: { ...process.env, BREAKWATER_TRACKING: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  const { said } = followLines(
    child.stderr,
    ended,
    (pattern) => new Error(`breakwater ${args.join(' ')} ended before it said ${String(pattern)}:\n${err}`),
  )
  return { said, signal: (signal) => void child.kill(signal), ended }
}

/** Runs `breakwater` to its end, see {@link launchBreakwater}. */
export const runBreakwater = (...given: Parameters<typeof launchBreakwater>): Promise<Ended> =>
  launchBreakwater(...given).ended
