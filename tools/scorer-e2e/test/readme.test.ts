import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './run.ts'

test("the example of the scorer's README runs as pasted and prints what it says", () => {
  const readme = readFileSync(join(ROOT, 'apps/scorer/README.md'), 'utf8')
  const [, code = '', output = ''] = /```ts\n([\s\S]*?)```\n\nIt prints[^\n]*:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).not.toBe('')
  // Beside the examples' manifest, which depends on the scorer as a reader's own would.
  const file = join(ROOT, 'examples/core-service/readme-example.ts')
  writeFileSync(file, code)
  try {
    const run = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0', VIEWPORT_SCORING_ENABLED: '' },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
  } finally {
    rmSync(file)
  }
})
