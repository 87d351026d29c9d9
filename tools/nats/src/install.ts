// Installs Debian's nats-server for the tests of the bus: `npm run nats`. Ends with 0 where it is there, and where this
// machine cannot have one (it says so), unless CI=true: there only BREAKWATER_NATS=off is a way out. Ends with 1 where
// apt-get ran and failed.
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { findNatsServer } from './program.ts'

const APT = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300']
const { env } = process
const say = (text: string): boolean => process.stderr.write(`nats: ${text}\n`)

const APT_GET = 'apt-get'

function run(...args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, encoding: 'utf8', maxBuffer: 2 ** 26 } as const
  const { status, stdout, stderr } = spawnSync(APT_GET, args, options)
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() }
}

function apt(...args: readonly string[]): boolean {
  const { ok, output } = run(...APT, ...args)
  if (ok) return true
  say(`${APT_GET} ${args.join(' ')} failed\n${output.split('\n').slice(-6).join('\n')}`)
  process.exitCode = 1
  return false
}

function unavailable(reason: string): void {
  say(`not available: ${reason}`)
  if (env['CI'] === 'true') process.exitCode = 1
  else say('tests of the bus will be skipped')
}

const found = findNatsServer()
if (env['BREAKWATER_NATS'] === 'off') say('switched off by BREAKWATER_NATS=off')
else if (found.path !== undefined) say(`present: ${found.path}`)
else if (!run('--version').ok) unavailable('there is no apt-get here: install nats-server')
else if (process.getuid?.() !== 0) unavailable('only root may install it: sudo apt-get install nats-server')
else if (apt('update') && apt('install', '--no-install-recommends', 'nats-server')) {
  const now = findNatsServer()
  if (now.path === undefined) unavailable(`apt-get ended well, yet: ${now.reason}`)
  else say(`installed: ${now.path}`)
}
