import { spawn } from 'node:child_process'
import { WandbAuthError } from '../configuration.ts'

/** How `wandb sync` is run. */
export interface WandbSyncOptions {
  /** The environment of the process; the API key and the rest are added to it. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly apiKey: string
  readonly baseUrl?: string | undefined
  /** Shows a line of its output. */
  readonly show: (line: string) => void
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
  /** The program. Default `wandb`. */
  readonly command?: string
  /** Ends the program where it is aborted. */
  readonly signal?: AbortSignal
}

/** Text that marks an error about credentials; other lines name WANDB_API_KEY as well. */
const AUTH = /\bERROR\b.*(?:\b40[13]\b|unauthori[sz]ed|not logged in|permission denied|api[_ ]key)/i
const KEPT_LINES = 20

/**
 * Uploads a run's folder with `wandb sync`, a program of W&B's Python package, and shows its output. The key goes
 * through the environment, never the arguments. Where there is no such program, says so and how to get it: the run stays
 * on disk. Throws a {@link WandbAuthError} where W&B does not take the key, and an error on any other failure and where
 * `signal` ended it.
 */
export async function wandbSync(folder: string, options: WandbSyncOptions): Promise<void> {
  const { command = 'wandb', show, redact } = options
  const lines: string[] = []
  const ended = await runSync(command, folder, options, (line) => {
    const clean = redact(line)
    lines.push(clean)
    show(clean)
  })
  if (ended === 'aborted') {
    throw new Error(
      `tracking: W&B: wandb sync took longer than a run waits; the run is kept in ${folder}. Upload it with: wandb sync ${folder}`,
    )
  }
  if (ended === undefined) {
    show(
      `tracking: W&B: the program ${command} is not installed: the run is kept in ${folder}. ` +
        `Install it (pip install wandb), then upload the run: wandb sync ${folder}`,
    )
    return
  }
  const refused = lines.some((line) => AUTH.test(line))
  if (ended === 0 && !refused) return
  const said = lines.slice(-KEPT_LINES).join('\n')
  if (refused) throw new WandbAuthError(`wandb sync was refused; the run is kept in ${folder}. Its output:\n${said}`)
  throw new Error(
    `tracking: W&B: wandb sync ended with ${ended}; the run is kept in ${folder}. Try again with: wandb sync ${folder}. Its output:\n${said}`,
  )
}

/** Resolves to the exit code, the signal that ended it, or 'aborted'; undefined where there is no such program. */
function runSync(
  command: string,
  folder: string,
  { env, apiKey, baseUrl, signal }: WandbSyncOptions,
  onLine: (line: string) => void,
): Promise<number | string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['sync', folder], {
      env: {
        ...env,
        WANDB_API_KEY: apiKey,
        WANDB_MODE: 'online',
        ...(baseUrl === undefined ? {} : { WANDB_BASE_URL: baseUrl }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) splitLines(stream, onLine)
    const abort = (): void => {
      resolve('aborted')
      // Nothing of it may hold this process: not the program, not one that it started and that has its output open.
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.stderr.destroy()
    }
    signal?.addEventListener('abort', abort, { once: true })
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined)
      else reject(new Error(`tracking: W&B: ${command} could not be started`, { cause: error }))
    })
    child.on('close', (code, ended) => {
      signal?.removeEventListener('abort', abort)
      resolve(code ?? String(ended))
    })
  })
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
}
