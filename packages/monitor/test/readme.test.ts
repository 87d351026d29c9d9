import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the example of the README runs as pasted and prints what it says', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, code = '', output = ''] = /```ts\n([\s\S]*?)```\n\nIt prints:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).not.toBe('')
  // Inside the package, so that it finds itself by name, and outside what version control and the linter see.
  const file = join(root, 'out-tsc', 'readme-example.ts')
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
