import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The Python to run peers with, or why there is none and whether tests may skip for that reason. */
export type Interpreter =
  { readonly python: string } | { readonly python: undefined; readonly reason: string; readonly maySkip: boolean }

/** Folder of this package, where the environment lies. */
export const PACKAGE: string = fileURLToPath(new URL('..', import.meta.url))

/** The interpreter inside a virtual environment. */
export function environmentPython(environment: string): string {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python')
}

/** What the stamp of an environment holds when it was made from this requirements file: the file's SHA-256. */
export function wantedStamp(folder: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'requirements.txt')))
    .digest('hex')
}

/** Whether `folder`'s environment was completed with its present requirements. */
export function isCurrent(folder: string): boolean {
  const stamp = join(folder, '.venv', '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp(folder)
}

/**
 * Finds the interpreter: `BREAKWATER_PYTHON` where it is set, else the environment in `folder` (this package), which
 * `npm run interop` makes. `BREAKWATER_INTEROP=off` means that this machine has none. Tests may skip for want of an
 * interpreter, except where `CI=true` and it was not switched off. Throws where `BREAKWATER_PYTHON` names no file.
 */
export function findInterpreter(env: NodeJS.ProcessEnv = process.env, folder: string = PACKAGE): Interpreter {
  if (env['BREAKWATER_INTEROP'] === 'off') {
    return { python: undefined, reason: 'switched off by BREAKWATER_INTEROP=off', maySkip: true }
  }
  const given = env['BREAKWATER_PYTHON'] ?? ''
  if (given !== '') {
    if (existsSync(given)) return { python: given }
    throw new Error(`interop: BREAKWATER_PYTHON=${given}: no such file. Name a Python interpreter, or unset it`)
  }
  if (isCurrent(folder)) return { python: environmentPython(join(folder, '.venv')) }
  const reason = 'no Python environment, or one of older requirements: run `npm run interop`'
  return { python: undefined, reason, maySkip: env['CI'] !== 'true' }
}
