import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a run of a program left behind. */
export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

type Env = Readonly<Record<string, string>>

function start(program: string, args: readonly string[], env: Env): ChildProcess {
  return spawn(process.execPath, ['--conditions=@breakwater/source', join(ROOT, program), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a program of the repository to its end, as a user would. */
export function run(program: string, args: readonly string[], env: Env = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = start(program, args, env)
    let [out, err] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Runs a program that must succeed and gives what it wrote to stdout. */
export async function succeed(program: string, args: readonly string[], env?: Env): Promise<string> {
  const { code, out, err } = await run(program, args, env)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${err}`)
  return out
}

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
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  let out = ''
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      for (const look of waiting) look(line)
    })
  }
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err: lines.join('\n') }))
  })
  return {
    ended,
    count: (pattern) => lines.filter((line) => pattern.test(line)).length,
    signal: (signal) => void child.kill(signal),
    said: (pattern) => {
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
      const gone = ended.then(({ code }) => {
        throw new Error(
          `${program} ended with ${code} before it said ${String(pattern)}:\n${lines.slice(-10).join('\n')}`,
        )
      })
      return Promise.race([coming, gone])
    },
  }
}

export const TRAINER = 'apps/trainer/src/main.ts'
export const SCORER = 'apps/scorer/src/main.ts'
