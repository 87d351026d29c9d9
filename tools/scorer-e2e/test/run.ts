import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a run of a program left behind. */
export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Variables beside those of this process. */
export type Env = Readonly<Record<string, string>>

/** Starts a program of the repository; it reads nothing, and what it writes is for the caller. */
export function start(program: string, args: readonly string[], env: Env): ChildProcess {
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

export const TRAINER = 'apps/trainer/src/main.ts'
export const SCORER = 'apps/scorer/src/main.ts'
