import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findInterpreter } from './interpreter.ts'

/** What a line must look like: a zod schema, or anything that gives the checked value or throws. */
export interface Schema<T> {
  readonly parse: (value: unknown) => T
}

/** How a script is run. */
export interface PythonOptions {
  /** Added to the environment of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Stops the process. */
  readonly signal?: AbortSignal
}

/** Libraries compute on one thread, so that results repeat; Python leaves no compiled files in the sources. */
const SETTINGS = { OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' }

/**
 * Runs a Python script with the peers' interpreter and gives each line of its output, parsed as JSON and checked against
 * `schema`. Pass arrays as files of a {@link scratchFolder}. Throws an error with the end of stderr when the script
 * fails, and one with the line when a line does not fit.
 */
export async function runPython<T>(
  schema: Schema<T>,
  script: URL,
  args: readonly string[] = [],
  options: PythonOptions = {},
): Promise<T[]> {
  const found = findInterpreter()
  if (found.python === undefined) throw new Error(`interop: ${found.reason}`)
  const path = fileURLToPath(script)
  return parseLines(schema, path, await outputOf(found.python, [path, ...args], options))
}

function outputOf(python: string, args: readonly string[], { env, signal }: PythonOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, {
      env: { ...process.env, ...SETTINGS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(out)
      else reject(new Error(`interop: python ${args.join(' ')} ended with ${killedBy ?? code}\n${err.slice(-4000)}`))
    })
  })
}

/** The JSON lines of a script's output, checked; empty lines are left out. `path` names the script in errors. */
export function parseLines<T>(schema: Schema<T>, path: string, output: string): T[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    try {
      return schema.parse(JSON.parse(line))
    } catch (cause) {
      throw new Error(
        `interop: ${path} printed ${JSON.stringify(line.slice(0, 200))}: not the JSON that was expected`,
        {
          cause,
        },
      )
    }
  })
}
