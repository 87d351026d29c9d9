import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { findChromium } from './chromium.ts'

/** What came of an installation. `unavailable`: not a Debian where this user may install. `broken`: apt-get failed. */
export type Installation =
  | { readonly status: 'present' | 'installed'; readonly path: string }
  | { readonly status: 'unavailable' | 'broken'; readonly reason: string }

/** Runs a program; `output` is what it printed on either stream. */
export type Run = (command: string, args: readonly string[]) => { readonly ok: boolean; readonly output: string }

/** How to install. */
export interface InstallOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly run?: Run
  /** Default: whether this process runs as root. */
  readonly root?: boolean
}

// A font too: without any, text has no width and no layout can be judged.
const PACKAGES = ['chromium', 'fonts-dejavu-core']
const APT = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300']

/**
 * Installs Debian's Chromium, unless one is found. Only root on a system with apt-get can; elsewhere the reason says
 * what a person can do.
 */
export function installChromium({
  env = process.env,
  run = runOnce,
  root = process.getuid?.() === 0,
}: InstallOptions = {}): Installation {
  const found = findChromium(env)
  if (found.path !== undefined) return { status: 'present', path: found.path }
  if (!run('apt-get', ['--version']).ok) return unavailable('there is no apt-get here: install Chromium or Chrome')
  if (!root) return unavailable(`only root may install it: sudo apt-get install ${PACKAGES.join(' ')}`)
  const updated = run('apt-get', [...APT, 'update'])
  if (!updated.ok) return broken('apt-get update', updated.output)
  const installed = run('apt-get', [...APT, 'install', '--no-install-recommends', ...PACKAGES])
  if (!installed.ok) return broken('apt-get install', installed.output)
  const now = findChromium(env)
  return now.path === undefined
    ? broken('apt-get install', `it ended well, yet: ${now.reason}`)
    : { status: 'installed', path: now.path }
}

function runOnce(command: string, args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (child.error) return { ok: false, output: child.error.message }
  return { ok: child.status === 0, output: `${child.stdout}${child.stderr}` }
}

const unavailable = (reason: string): Installation => ({ status: 'unavailable', reason })

function broken(step: string, output: string): Installation {
  return { status: 'broken', reason: `${step} failed\n${output.trim().split('\n').slice(-6).join('\n')}` }
}
