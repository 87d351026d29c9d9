// Installs Debian's prometheus, for its promtool: `npm run prometheus`. Ends with 0 where it is there, and where this machine
// cannot have one (it says so), unless CI=true; with 1 where apt-get ran and failed.
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { findPromtool } from './program.ts'

const APT_GET = 'apt-get'

const say = (text: string): boolean => process.stderr.write(`prometheus: ${text}\n`)

/** Runs apt-get; whether it ended well. Its last lines are shown where it did not. */
function install(): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '--no-install-recommends', 'prometheus']]) {
    const { status, stdout, stderr } = spawnSync(APT_GET, ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env,
      encoding: 'utf8',
    })
    if (status === 0) continue
    say(`apt-get ${args.join(' ')} failed\n${`${stdout}${stderr}`.trim().split('\n').slice(-6).join('\n')}`)
    return false
  }
  return true
}

const found = findPromtool()
if (found.path !== undefined) say(`present: ${found.path}`)
else if (process.env['BREAKWATER_PROMETHEUS'] === 'off') say(found.reason)
else if (process.getuid?.() !== 0 || spawnSync(APT_GET, ['--version']).status !== 0) {
  say('not available: needs root and apt-get (sudo apt-get install prometheus); tests of the rules will be skipped')
  if (process.env['CI'] === 'true') process.exitCode = 1
} else if (!install()) process.exitCode = 1
