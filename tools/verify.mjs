// The tests of the workspace, through nx. Without arguments all that the gate asks for: first what reads the tree as a whole
// (format, lint, types and the rules of the workspace), then the tests of each package beside the tests from outside. Names of
// packages run theirs alone; --fast leaves out what takes long (*.slow.test.ts) and what looks from outside; from the first other
// option on, all goes to vitest.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import process from 'node:process'

/** Projects that need the machine around them: processes, Python, a browser, a bus. */
const OUTSIDE = ['e2e', 'scorer-e2e', 'interop', 'browser', 'nats', 'prometheus', 'site']
const FAST = ['--exclude=**/*.slow.test.ts', '--no-isolate']

const OWN = ['--fast', '--checks', '--inside', '--outside']
const given = process.argv.slice(2)
const [fast, checks, inside, outside] = OWN.map((word) => given.includes(word))
const words = given.filter((word) => !OWN.includes(word))
const dash = words.findIndex((word) => word.startsWith('-'))
const names = dash < 0 ? words : words.slice(0, dash)
const options = dash < 0 ? [] : words.slice(dash)

/** @param {string[]} args */
async function nx(...args) {
  const forVitest = [...(fast ? FAST : []), ...options]
  const all = ['run-many', ...args, ...(forVitest.length === 0 ? [] : ['--', ...forVitest, '--passWithNoTests'])]
  // nx runs two packages at a time, and each may have the whole machine: neither core is idle while the last one ends.
  const env = { ...process.env, VITEST_MAX_WORKERS: String(availableParallelism()) }
  const child = spawn('nx', all, { env, stdio: 'inherit', shell: process.platform === 'win32' })
  const [code] = /** @type {[number | null]} */ (await once(child, 'close'))
  if (code !== 0) process.exitCode = code ?? 1
}

if (names.length > 0) await nx('-t', 'test', '-p', names.join(','))
else if (fast) await nx('-t', 'test', '--exclude', OUTSIDE.join(','))
else {
  const all = !(checks || inside || outside)
  // Alone and first: while it runs nothing writes into the tree, and the tests from outside read what the compiler has built.
  if (all || checks)
    await nx('-t', ...(options.length === 0 ? ['lint', 'typecheck', 'test'] : ['test']), '-p', 'workspace')
  if (process.exitCode === undefined)
    await Promise.all([
      (all || inside) && nx('-t', 'test', '--exclude', [...OUTSIDE, 'workspace'].join(',')),
      (all || outside) && nx('-t', 'test', '-p', OUTSIDE.join(',')),
    ])
}
