// Runs every benchmark program (packages/*/bench/*.bench.ts), each in a process of its own so that memory figures and
// warm-up do not mix. Arguments choose by name: `npm run bench -- parquet trees`.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const wanted = process.argv.slice(2)
const all = globSync('packages/*/bench/*.bench.ts', { cwd: root }).toSorted()
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
for (const file of chosen) {
  process.stdout.write(`\n== ${file}\n`)
  const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', '--expose-gc', file], {
    cwd: root,
    stdio: 'inherit',
  })
  if (child.status !== 0) process.exit(child.status ?? 1)
}
