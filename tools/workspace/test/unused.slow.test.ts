import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unusedViolations } from '@breakwater/workspace'
import { afterAll, beforeAll, test } from 'vitest'
import { packageFiles } from './fixture.ts'
import { root } from './this-repository.ts'

let other = ''
beforeAll(async () => {
  other = await mkdtemp(join(tmpdir(), 'workspace-'))
  const files = {
    ...packageFiles('packages/trees', { dependencies: { zod: 'catalog:' }, devDependencies: { yaml: 'catalog:' } }),
    'package.json': '{ "private": true, "type": "module" }',
    'pnpm-workspace.yaml': 'packages: [packages/*]\ncatalog: { yaml: 2.9.1, zod: 4.6.7, knip: 6.44.2 }\n',
    'packages/trees/src/alone.ts': 'export const alone = 1\n',
    'packages/trees/src/value.ts': "import 'yaml'\nimport 'simple'\nexport const value = 1\nexport const other = 2\n",
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(other, path)), { recursive: true })
    await writeFile(join(other, path), text)
  }
})
afterAll(async () => {
  await rm(other, { recursive: true })
})

test.concurrent('nothing in this repository is unused or undeclared', async ({ expect }) => {
  expect(await unusedViolations(root, { scope: 'all' })).toEqual([])
})

test.concurrent('what the sources of this repository import stands in dependencies', async ({ expect }) => {
  expect(await unusedViolations(root, { scope: 'production' })).toEqual([])
})

test.concurrent(
  'unused files, exports, dependencies and catalog entries are named with the fix, as are undeclared imports',
  async ({ expect }) => {
    expect((await unusedViolations(other, { scope: 'all' })).toSorted()).toEqual([
      'packages/trees/package.json: zod: declared but unused. Remove it from package.json.',
      'packages/trees/src/alone.ts: no other file uses it. Remove it or import it.',
      'packages/trees/src/value.ts:2: simple: imported but not declared. Add it to package.json with catalog: or workspace:*.',
      'packages/trees/src/value.ts:4: other: exported but used in no other file. Drop the export or the code.',
      'pnpm-workspace.yaml: knip: in the catalog but unused. Remove it from pnpm-workspace.yaml.',
    ])
  },
)

test.concurrent('a source that imports a devDependency is named', async ({ expect }) => {
  expect(await unusedViolations(other, { scope: 'production' })).toContain(
    'packages/trees/src/value.ts:1: yaml: imported but not declared. Add it to package.json with catalog: or workspace:*.',
  )
})
