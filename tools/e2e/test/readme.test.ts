import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './run-trainer.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

test('the example of the README runs as pasted and prints what the README says', () => {
  const [, code = '', output = ''] = /```ts\n([\s\S]*?)```\n\nIt prints:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).not.toBe('')
  // Beside a manifest that depends on the packages, as the example would stand in a reader's own project.
  const file = join(ROOT, 'apps', 'trainer', 'readme-example.ts')
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

test('every relative link of the README, of CONTRIBUTING and of docs leads to something', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  const broken: string[] = []
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      const path = join(ROOT, page, '..', target)
      try {
        readFileSync(statSync(path).isDirectory() ? join(path, 'README.md') : path)
      } catch {
        broken.push(`${page}: ${target}`)
      }
    }
  }
  expect(broken).toEqual([])
})
