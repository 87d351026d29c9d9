// The long attacks, one after the other: `npm run attack`, or `npm run attack -- disks kills` for some by name. Each is a test
// file that `npm test` runs in a smaller form. Prints what was tried, what held and what failed; ends with 1 where one failed.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The most that one attack may take, unless it says more. */
const LIMIT_MS = 30 * 60_000

/** @type {Readonly<Record<string, { about: string, project: string, file: string, env?: Record<string, string>, limit?: number }>>} */
const ATTACKS = {
  disks: {
    about: 'every writer of a result on full disks of 100 sizes',
    project: 'tools/e2e',
    file: 'test/full-disk.test.ts',
  },
  faults: {
    about: 'a fault of every system call of the writer, and disks that die',
    project: 'packages/formats',
    file: 'test/files/faults.slow.test.ts',
  },
  kills: {
    about: '200 kills of writers of sets, two writers at once 100 times',
    project: 'packages/models',
    file: 'test/kills.slow.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
  },
  writers: {
    about: '237 kills over all commands that write, two at once 105 times',
    project: 'tools/e2e',
    file: 'test/kills.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
    limit: 120 * 60_000,
  },
  jobs: {
    about: '50 kills of workers, 20 of starters, 10 of the server, 10 wiped stores of jobs on a bus',
    project: 'tools/jobs-e2e',
    file: 'test/losses.slow.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
  },
  deliveries: {
    about: 'jobs delivered twice and out of order, workers that stop, full disks and damaged data of jobs on a bus',
    project: 'tools/jobs-e2e',
    file: 'test/faults.slow.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
  },
  audit: {
    about: '100 kills of the writer of the audit log',
    project: 'packages/monitor',
    file: 'test/audit.slow.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
  },
  surfaces: {
    about: 'a million random laws and moments without an incoherent value, tables against formulas',
    project: 'packages/passage',
    file: 'test/random-surfaces.slow.test.ts',
    env: { BREAKWATER_ATTACK: '1' },
  },
  snapshots: {
    about: '100,000 mutated snapshots',
    project: 'tools/scorer-e2e',
    file: 'test/fuzz.test.ts',
    env: { BREAKWATER_FUZZ: '100000' },
  },
  senders: {
    about: 'messages that nest, name and flood, and clocks that jump',
    project: 'tools/scorer-e2e',
    file: 'test/hostile.test.ts',
  },
  nearer: {
    about: '1,000,000 random moments under random laws: no side and no barrier less likely from nearer to it',
    project: 'packages/passage',
    file: 'test/conditioning.slow.test.ts',
    env: { BREAKWATER_FUZZ: '1000000' },
  },
  bars: {
    about: '1,000 mutated files of bars',
    project: 'packages/features',
    file: 'test/bars-fuzz.slow.test.ts',
    env: { BREAKWATER_FUZZ: '1000' },
  },
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(ATTACKS)
const unknown = names.find((name) => !Object.hasOwn(ATTACKS, name))
if (unknown !== undefined) {
  process.stderr.write(
    `attack ${unknown}: must be one of ${Object.keys(ATTACKS).join(', ')}. Name one, or none for all.\n`,
  )
  process.exit(2)
}

const root = fileURLToPath(new URL('..', import.meta.url))
/** @type {string[]} */
const failed = []
for (const name of names) {
  const attack = ATTACKS[name]
  if (attack === undefined) continue
  process.stdout.write(`\n${name}: ${attack.about}\n`)
  const limit = attack.limit ?? LIMIT_MS
  const { status } = spawnSync('pnpm', ['exec', 'vitest', 'run', attack.file, `--testTimeout=${limit}`], {
    cwd: join(root, attack.project),
    env: { ...process.env, ...attack.env },
    stdio: 'inherit',
    shell: process.platform === 'win32',
    timeout: limit,
  })
  if (status !== 0) failed.push(name)
}
const held = names.filter((name) => !failed.includes(name))
const list = (/** @type {string[]} */ some) => (some.length === 0 ? 'none' : some.join(', '))
process.stdout.write(`\ntried: ${list(names)}\nheld: ${list(held)}\nfailed: ${list(failed)}\n`)
process.exit(failed.length === 0 ? 0 : 1)
