import { randomFillSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { processTerminal } from '@breakwater/command-line'
import type { Terminal } from '@breakwater/command-line'
import type { Origin } from '@breakwater/models'
import { readGitSha } from '@breakwater/tracking/node'

/** Everything a command takes from the process around it, so that tests can pass their own. */
export interface Context {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly cwd: string
  /** Milliseconds since 1970, for the timestamps written into files. */
  readonly clock: () => number
  /** Milliseconds from an arbitrary start that never goes back, for progress. */
  readonly stopwatch: () => number
  /** Fills bytes at random, for ids of runs. */
  readonly random: (bytes: Uint8Array) => Uint8Array
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
}

/**
 * The context of a running process. `SOURCE_DATE_EPOCH` (seconds since 1970), where set, is the clock: two runs then
 * write the same bytes (reproducible-builds.org).
 */
export function processContext(signal: AbortSignal): Context {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  const fixed = epoch === undefined || epoch === '' ? undefined : Number(epoch) * 1000
  if (fixed !== undefined && !Number.isSafeInteger(fixed)) {
    throw new RangeError(
      `trainer: SOURCE_DATE_EPOCH=${epoch}: must be whole seconds since 1970. Unset it or correct it.`,
    )
  }
  return {
    terminal: processTerminal(),
    env: process.env,
    cwd: process.cwd(),
    clock: () => fixed ?? Date.now(),
    stopwatch: () => performance.now(),
    random: (bytes) => randomFillSync(bytes),
    signal,
  }
}

/** The version of this trainer, from its manifest. */
export function trainerVersion(): string {
  const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string }
  return manifest.version
}

/** The commit checked out in `folder`, or null outside a checkout. */
export const gitCommit = (folder: string): string | null => readGitSha(folder)

/** The origin that a command records in the files it writes now. */
export function originOf({ clock, cwd }: Context): Origin {
  return {
    timestamp: new Date(clock()).toISOString(),
    gitSha: gitCommit(cwd),
    libraryVersion: trainerVersion(),
  }
}
