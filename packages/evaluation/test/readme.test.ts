import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { METRICS } from '@breakwater/calibration'
import { expect, test } from 'vitest'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')

/** Runs a block as a file inside the package, so that it finds itself by name. */
function run(code: string): string {
  const folder = join(packageRoot, 'out-tsc')
  const file = join(folder, 'readme.ts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, code)
  try {
    const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0' },
    })
    expect(child.stderr).toBe('')
    return child.stdout
  } finally {
    rmSync(file)
  }
}

test('the example of the README runs and prints the paired gain', () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const printed = run(code)
  // Brier of the trees .01 .04 .09 .16 .04 .01 and of the neighbours .16 .16 .16 .36 .25 .09: -0.83 / 6
  expect(printed).toMatch(/^6 \{/)
  expect(Number(/estimate: (-?[\d.]+)/.exec(printed)?.[1])).toBeCloseTo(-0.83 / 6, 12)
})

test('the table of the README lists every metric, its task and which way is better', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (binary|regression) +\| .*?\| (lower|higher|at 0) +\|$/gm)]
  const listed = rows.map(([, key, task, better]) => [key, task, better === 'at 0' ? null : better])
  expect(listed).toEqual(Object.entries(METRICS).map(([key, { task, better }]) => [key, task, better]))
})
