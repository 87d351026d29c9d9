// Bootstrap: with Node 18+ and npm alone, installs the pinned pnpm and, where the machine's Node is too old, a pinned one,
// then the workspace, then runs a script of the root package.json. Everything it installs stays inside this folder.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { isInRange, pinnedPackage } from './node-choice.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const toolchain = join(root, 'tools', 'toolchain')
const windows = process.platform === 'win32'

/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
// Programs run from their sources: what Node makes of them is kept, so that the next start of one takes half the time.
env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compile')
const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
env[pathName] = [join(toolchain, 'node_modules', '.bin'), dirname(process.execPath), env[pathName] ?? ''].join(
  delimiter,
)
// npm exports its own settings to scripts; pnpm would read them as its own.
for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name]

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run(command, args, options = {}) {
  const child = spawnSync(command, args, { cwd: root, env, stdio: 'inherit', shell: windows, ...options })
  if (child.error) throw child.error
  if (child.signal) process.kill(process.pid, child.signal)
  if (child.status !== 0) process.exit(child.status ?? 1)
}

/**
 * Runs `install` when any of `files`, or `facts`, changed since the last time it succeeded.
 *
 * @param {string} stamp
 * @param {string[]} files
 * @param {string} facts
 * @param {() => void} install
 */
function whenChanged(stamp, files, facts, install) {
  const hash = createHash('sha256').update(facts)
  for (const file of files) hash.update(readFileSync(file))
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  install()
  writeFileSync(stamp, wanted)
}

/**
 * @typedef {{ engines: { node: string } }} RootManifest
 * @typedef {{ config: { node: string } }} ToolchainManifest
 */

/**
 * @param {string} problem
 * @returns {never}
 */
function fail(problem) {
  process.stderr.write(`${problem}: install Node ${range} (https://nodejs.org) and run this again.\n`)
  process.exit(1)
}

if (process.argv.length < 3) {
  process.stderr.write('usage: node tools/run.mjs <script of package.json> [arguments]\n')
  process.exit(2)
}
const { engines } = /** @type {RootManifest} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const range = engines.node
const { config } = /** @type {ToolchainManifest} */ (JSON.parse(readFileSync(join(toolchain, 'package.json'), 'utf8')))
const { platform, arch } = process
/** @type {string[]} */
const nodes = []
// The toolchain's own Node, where someone has put that folder on the path, is not one of the machine's.
const isOwn = process.execPath.startsWith(toolchain + sep)
if (isOwn || !isInRange(process.versions.node, range)) {
  const header = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport()).header
  const name = pinnedPackage({ platform, arch, glibc: header.glibcVersionRuntime !== undefined })
  if (name === undefined)
    fail(`Node ${process.versions.node} is too old, and there is none to take for ${platform} ${arch}`)
  nodes.push(`${name}@${config.node}`)
}
// What installs says goes to stderr, so that a command's own output stays clean.
whenChanged(join(toolchain, 'node_modules', '.stamp'), [join(toolchain, 'package.json')], nodes.join(), () =>
  run('npm', ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', ...nodes], {
    cwd: toolchain,
    stdio: ['inherit', 2, 2],
  }),
)
const found =
  spawnSync('node', ['--version'], { cwd: root, env, encoding: 'utf8', shell: windows }).stdout?.trim() ?? ''
if (!/^v\d/.test(found) || !isInRange(found, range)) fail(`The Node that was found is ${found === '' ? 'none' : found}`)
whenChanged(
  join(root, 'node_modules', '.stamp'),
  [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml')],
  '',
  () => run('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only'], { stdio: ['inherit', 2, 2] }),
)
run('pnpm', ['run', '--silent', ...process.argv.slice(2)])
