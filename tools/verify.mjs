// The tests of the workspace, through nx. Without arguments all that the gate asks for: format, lint, types and the tests of
// each package, side by side, then the tests from outside. Names of packages run theirs alone; --fast leaves out what takes
// long (*.slow.test.ts) and what looks from outside; from the first other option on, all goes to vitest.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import process from 'node:process'

/** Projects that need the machine around them: processes, Python, a browser, a bus. */
const OUTSIDE = ['e2e', 'scorer-e2e', 'interop', 'browser', 'nats', 'prometheus', 'site']
const FAST = ['--exclude=**/*.slow.test.ts', '--no-isolate']

const OWN = ['--fast', '--inside', '--outside']
const given = process.argv.slice(2)
const [fast, inside, outside] = OWN.map((word) => given.includes(word))
const words = given.filter((word) => !OWN.includes(word))
const dash = words.findIndex((word) => word.startsWith('-'))
const names = dash < 0 ? words : words.slice(0, dash)
const options = dash < 0 ? [] : words.slice(dash)

/** @param {string[]} args */
function nx(...args) {
  const forVitest = [...(fast ? FAST : []), ...options]
  const all = ['run-many', ...args, ...(forVitest.length === 0 ? [] : ['--', ...forVitest, '--passWithNoTests'])]
  // nx runs two packages at a time, and each may have the whole machine: neither core is idle while the last one ends.
  const env = { ...process.env, VITEST_MAX_WORKERS: String(availableParallelism()) }
  const child = spawnSync('nx', all, { env, stdio: 'inherit', shell: process.platform === 'win32' })
  if (child.error) throw child.error
  if (child.status !== 0) process.exit(child.status ?? 1)
}

if (names.length > 0) nx('-t', 'test', '-p', names.join(','))
else if (fast) nx('-t', 'test', '--exclude', OUTSIDE.join(','))
else {
  const targets = options.length === 0 ? ['lint', 'typecheck', 'test'] : ['test']
  if (outside !== true) nx('-t', ...targets, '--exclude', OUTSIDE.join(','))
  if (inside !== true) nx('-t', 'test', '-p', OUTSIDE.join(','))
}
