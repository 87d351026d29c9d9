import { createRequire } from 'node:module'
import { processTerminal } from '@breakwater/command-line'

/** Everything a command takes from the process around it, so that tests can pass their own. */
export interface Context {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly cwd: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Milliseconds that never go back. */
  readonly stopwatch: () => number
  /** Aborted when the process is asked to end. */
  readonly stop: AbortSignal
  /** Calls back whenever the process is asked to read its models again (SIGHUP). */
  readonly onReload: (callback: () => void) => void
}

/** The context of a running process. */
export const processContext = (stop: AbortSignal): Context => ({
  ...processTerminal(),
  env: process.env,
  cwd: process.cwd(),
  clock: () => Date.now(),
  stopwatch: () => performance.now(),
  stop,
  onReload: (callback) => void process.on('SIGHUP', callback),
})

/** The version of this scorer, from its manifest. */
export function scorerVersion(): string {
  const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string }
  return manifest.version
}
