import { createRequire } from 'node:module'
import { processTerminal } from '@breakwater/command-line'

/** Everything a command takes from the process around it, so that tests can pass their own. */
export interface Context {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether `err` is a terminal that can redraw a line. */
  readonly interactive: boolean
  /** Width of `err` in characters. */
  readonly width: number
  /** Calls back with every key that a person presses; undoes it by what it returns. Undefined where no terminal is read. */
  readonly onKey: ((callback: (key: string) => void) => () => void) | undefined
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
  onKey: process.stdin.isTTY ? watchKeys : undefined,
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

/** Reads keys one by one, without an echo; Ctrl-C is a key then. */
function watchKeys(callback: (key: string) => void): () => void {
  const { stdin } = process
  const read = (text: string): void => callback(text)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8').on('data', read).resume()
  return () => {
    stdin.off('data', read).pause()
    stdin.setRawMode(false)
  }
}
