import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs the trainer's command line in `cwd`; resolves to what it printed. Settings of tracking come from `env` alone. */
export async function runTrainer(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return (await trainerSays(args, cwd, env)).out
}

/** As {@link runTrainer}, with what it said on stderr. */
export function trainerSays(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly out: string; readonly err: string }> {
  const main = `${ROOT}apps/trainer/src/main.ts`
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:MLFLOW|WANDB|BREAKWATER_TRACKING)/.test(name))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@breakwater/source', main, ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve({ out, err })
      else reject(new Error(`trainer ${args.join(' ')} ended with ${code}\n${err}`))
    })
  })
}

/** The schema that the trainer is given. */
export const SCHEMA: string = `${ROOT}data/features.json`
