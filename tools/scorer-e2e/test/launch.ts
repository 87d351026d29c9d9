// Apart from run.ts, which also runs before the tests, where packages of the workspace cannot be imported.
import { followLines } from '@breakwater/nats'
import { type Env, type Outcome, start } from './run.ts'

/** A program that runs on until it is told to end. */
export interface Running {
  /** Resolves with the first line on stderr, past or coming, that matches; rejects where the program ends before. */
  readonly said: (pattern: RegExp) => Promise<string>
  /** How many lines so far match. */
  readonly count: (pattern: RegExp) => number
  readonly signal: (signal: NodeJS.Signals) => void
  /** Resolves with its exit code and all it said when it has ended. */
  readonly ended: Promise<Outcome>
}

/** Starts a program of the repository. */
export function launch(program: string, args: readonly string[], env: Env = {}): Running {
  const child = start(program, args, env)
  let out = ''
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err: past.join('\n') }))
  })
  const { past, said } = followLines(
    child.stderr,
    ended,
    (pattern) =>
      new Error(
        `${program} ended with ${child.exitCode} before it said ${String(pattern)}:\n${past.slice(-10).join('\n')}`,
      ),
  )
  return {
    ended,
    said,
    count: (pattern) => past.filter((line) => pattern.test(line)).length,
    signal: (signal) => void child.kill(signal),
  }
}
