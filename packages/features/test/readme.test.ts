import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const repository = fileURLToPath(new URL('../../..', import.meta.url))

test('the examples of the README run one after another and print what it says', () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')
  const code = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  const [, output = ''] = /They print:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).toHaveLength(7)
  // Inside the package, so that it finds itself by name, and outside what version control and the linter see.
  const file = join(packageRoot, 'out-tsc', 'readme-example.ts')
  mkdirSync(join(packageRoot, 'out-tsc'), { recursive: true })
  writeFileSync(file, code.join('\n').replaceAll('data/ml/readme', 'data/ml/readme-test'))
  try {
    const run = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
      cwd: repository,
      encoding: 'utf8',
      // A test runner may ask for colour; the README shows none.
      env: { ...process.env, FORCE_COLOR: '0' },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
  } finally {
    rmSync(file)
    rmSync(join(repository, 'data', 'ml', 'readme-test'), { recursive: true, force: true })
  }
})
