import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')

test('the first example of the README prints what it says', () => {
  const [, code = '', output = ''] = /```ts\n([\s\S]*?)```\n\nIt prints:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  const file = join(packageRoot, 'out-tsc', 'readme-example.ts')
  mkdirSync(join(packageRoot, 'out-tsc'), { recursive: true })
  writeFileSync(file, code)
  // Task runners force colours on what they run.
  const env = { ...process.env, FORCE_COLOR: '0' }
  const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], { encoding: 'utf8', env })
  rmSync(file)
  expect(child.stderr).toBe('')
  expect(child.stdout).toBe(output)
})
