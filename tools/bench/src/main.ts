// Runs every benchmark program ({packages,tools}/*/bench/*.bench.ts), each in a process of its own so that memory figures
// and warm-up do not mix. Words choose by name: `npm run bench -- parquet trees`; from the first argument that begins
// with '--' on, they are passed to the programs: `npm run bench -- trees --size small`. BREAKWATER_PYTHON names the
// interpreter of the peers to them, where there is one.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findInterpreter } from '@breakwater/interop'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const given = process.argv.slice(2)
const firstOption = given.findIndex((argument) => argument.startsWith('--'))
const [wanted, options] = firstOption < 0 ? [given, []] : [given.slice(0, firstOption), given.slice(firstOption)]
const all = globSync('{packages,tools}/*/bench/*.bench.ts', { cwd: root }).toSorted()
const chosen = all.filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))

if (chosen.length === 0) {
  process.stderr.write(`bench: no benchmark matches ${wanted.join(', ')}. There are:\n  ${all.join('\n  ')}\n`)
  process.exit(2)
}
const processors = cpus()
process.stdout.write(
  `node ${process.version}, ${processors.length} x ${processors[0]?.model ?? 'unknown processor'}, ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}\n`,
)
const peers = findInterpreter()
if (peers.python === undefined) process.stdout.write(`no Python peers: ${peers.reason}\n`)
for (const file of chosen) {
  process.stdout.write(`\n== ${file}\n`)
  const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', '--expose-gc', file, ...options], {
    cwd: root,
    env: { ...process.env, ...(peers.python !== undefined && { BREAKWATER_PYTHON: peers.python }) },
    stdio: 'inherit',
  })
  if (child.status !== 0) process.exit(child.status ?? 1)
}
