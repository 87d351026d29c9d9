import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { environmentPython, isCurrent, PACKAGE, wantedStamp } from './interpreter.ts'

/**
 * What came of an installation. `unavailable`: this machine lacks what it needs (Python 3.11, pip 22.3, a package
 * registry). `broken`: pip reached its registry, and the packages failed to install, to fit, or to load.
 */
export type Installation =
  | { readonly status: 'present' | 'installed'; readonly python: string }
  | { readonly status: 'unavailable' | 'broken'; readonly reason: string }

/** Where the environment is made and from what. */
export interface InstallOptions {
  /** Holds requirements.txt; the environment is its `.venv`. Default: this package. */
  readonly folder?: string
  /** The Python that makes the environment. Default python3, on Windows python. */
  readonly base?: string
  /** Settings of the processes, such as pip's. Default: those of this process. */
  readonly env?: NodeJS.ProcessEnv
}

const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|ReadTimeout|NameResolution|ProxyError|Max retries exceeded|Connection (?:refused|reset|aborted|broken)|Network is unreachable|\(from versions: none\)/i

const LOADS = 'import lightgbm, mlflow, numpy, onnx, onnxruntime, pandas, river, shap, sklearn, wandb, xgboost'

interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/**
 * Makes the virtual environment, unless it is there with a stamp of the present requirements. Every package comes as a
 * wheel at the version stated, without looking for needs of its own (`--no-deps`); `pip check` then proves that the
 * list is complete, and the libraries are loaded once. Only then is the stamp written, so an interrupted run is redone.
 */
export function installEnvironment({
  folder = PACKAGE,
  base = process.platform === 'win32' ? 'python' : 'python3',
  env = process.env,
}: InstallOptions = {}): Installation {
  const environment = join(folder, '.venv')
  const python = environmentPython(environment)
  if (isCurrent(folder)) return { status: 'present', python }
  const run = (command: string, ...args: string[]): Outcome => runOnce(command, args, env)
  const version = run(base, '-c', 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)')
  if (!version.ok) return unavailable(`${base} is missing or older than 3.11`, version)
  rmSync(environment, { recursive: true, force: true })
  // The base's pip serves the environment: copying pip into it would take longer than all the rest of its making.
  const made = run(base, '-m', 'venv', '--without-pip', environment)
  if (!made.ok) return unavailable(`${base} -m venv failed`, made)
  const pip = ['-m', 'pip', '--python', python, '--disable-pip-version-check', '--no-input']
  const pipVersion = run(base, ...pip, '--version')
  if (!pipVersion.ok) return unavailable(`${base} has no pip of version 22.3 or later`, pipVersion)
  const flags = ['--no-deps', '--only-binary', ':all:', '--quiet', '--requirement', join(folder, 'requirements.txt')]
  const installed = run(base, ...pip, 'install', ...flags)
  if (UNREACHABLE.test(installed.output) && !installed.ok) return unavailable('pip reaches no registry', installed)
  if (!installed.ok) return broken('pip install', installed)
  const checked = run(base, ...pip, 'check')
  if (!checked.ok) return broken('pip check', checked)
  const loaded = run(python, '-c', LOADS)
  if (!loaded.ok) return broken('loading the libraries', loaded)
  writeFileSync(join(environment, '.stamp'), wantedStamp(folder))
  return { status: 'installed', python }
}

function runOnce(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Outcome {
  const child = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (child.error) return { ok: false, output: child.error.message }
  return { ok: child.status === 0, output: `${child.stdout}${child.stderr}` }
}

const lastLines = (output: string): string => output.trim().split('\n').slice(-6).join('\n')

function unavailable(what: string, { output }: Outcome): Installation {
  return { status: 'unavailable', reason: `${what}\n${lastLines(output)}`.trimEnd() }
}

function broken(step: string, { output }: Outcome): Installation {
  return { status: 'broken', reason: `${step} failed\n${lastLines(output)}`.trimEnd() }
}
