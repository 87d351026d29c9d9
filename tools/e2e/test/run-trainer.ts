import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a run of the trainer left behind. */
export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Settings of one run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Sends SIGINT when stderr first holds this text. */
  readonly interruptAt?: string
}

/** The trainer's entry. */
export const MAIN: string = join(ROOT, 'apps', 'trainer', 'src', 'main.ts')

/** Runs the trainer's command line as a process of its own, as a user would. */
export function trainer(args: readonly string[], { env, cwd = ROOT, interruptAt }: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@breakwater/source', MAIN, ...args], {
      cwd,
      // Runs are recorded only where a test asks for it.
      env: { ...process.env, BREAKWATER_TRACKING: 'none', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    let interrupted = false
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
      if (interruptAt !== undefined && !interrupted && err.includes(interruptAt)) {
        interrupted = true
        child.kill('SIGINT')
      }
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Runs the trainer, requires success and gives what `--json` printed. */
export async function trainerJson<T>(args: readonly string[], options?: RunOptions): Promise<T> {
  const { code, out, err } = await trainer([...args, '--json'], options)
  if (code !== 0) throw new Error(`trainer ${args.join(' ')} ended with ${code}\n${err}`)
  return JSON.parse(out) as T
}

/** Makes a folder that `remove` deletes. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'breakwater-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** SHA-256 of every file in a folder, by name; not of those in folders below it. */
export function hashes(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  const names = entries.map(({ name }) => name).toSorted()
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}
