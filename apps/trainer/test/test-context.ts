import type { Context } from '../src/context.ts'
import type { Progress } from '@breakwater/command-line'

/** A context in `cwd` that keeps nothing of what is said. */
export function testContext(cwd: string, signal: AbortSignal = new AbortController().signal): Context {
  return {
    terminal: { out: () => undefined, err: () => undefined, interactive: false, width: 100 },
    env: {},
    cwd,
    clock: () => 1_700_000_000_000,
    stopwatch: () => 0,
    random: (bytes) => bytes,
    signal,
  }
}

/** Progress that is not shown. */
export const silent: Progress = {
  step: () => ({ update: () => undefined, end: () => undefined }),
  note: () => undefined,
}
