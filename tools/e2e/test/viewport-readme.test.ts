import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, '../../packages/viewport/README.md'), 'utf8')

test('the example of the viewport’s README runs as pasted, with the features beside it, and prints what it says', () => {
  const [, code = '', output = ''] = /```ts\n([\s\S]*?)```\n\nIt prints:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).not.toBe('')
  // Inside this package, which has both as dependencies, and outside what version control and the linter see.
  const file = join(root, 'out-tsc', 'viewport-readme.ts')
  mkdirSync(join(root, 'out-tsc'), { recursive: true })
  writeFileSync(file, code)
  try {
    const run = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
      encoding: 'utf8',
      // A test runner may ask for colour; the README shows none.
      env: { ...process.env, FORCE_COLOR: '0' },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
  } finally {
    rmSync(file)
  }
})
