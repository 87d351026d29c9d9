// What is published, as publint and arethetypeswrong see it: the manifest that goes into a tarball, the declarations as they were
// built, and for each entry a stand-in for its script, so that nothing has to be built again. Packages of this repository are
// modules, which `require()` of Node 22 takes as `import` does: what asks for CommonJS is not asked here.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { checkPackage, Package } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'breakwater-published-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}

const { hooks } = (await import(pathToFileURL(join(root, '.pnpmfile.mjs')).href)) as {
  readonly hooks: { readonly beforePacking: (manifest: Manifest, folder: string) => Manifest }
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest
const PUBLISHED = globSync('{packages,apps}/*/package.json', { cwd: root })
  .toSorted()
  .map((path) => dirname(path))
  .filter((folder) => read(join(root, folder, 'package.json')).private !== true)

// The gate has built the declarations; alone this test builds what is not there.
beforeAll(() => {
  delete process.env['GITHUB_REPOSITORY']
  const isBuilt = PUBLISHED.every((folder) => existsSync(join(root, folder, 'dist', '.tsbuildinfo')))
  if (!isBuilt) execFileSync('pnpm', ['exec', 'tsc', '-b'], { cwd: root })
}, 600_000)

/** Files of a tarball by their paths in it. */
function filesOf(folder: string): Record<string, string> {
  const at = join(root, folder)
  const manifest = hooks.beforePacking(read(join(at, 'package.json')), at)
  const files: Record<string, string> = { 'package.json': JSON.stringify(manifest), LICENSE: '' }
  for (const path of globSync('dist/**/*.d.ts', { cwd: at })) files[path] = readFileSync(join(at, path), 'utf8')
  const entries = Object.values(manifest.exports ?? {}).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )
  for (const entry of entries) {
    const path = entry.replace(/^\.\//, '')
    if (path.endsWith('.js')) files[path] = 'export {}\n'
    else if (!path.endsWith('.d.ts') && existsSync(join(at, path))) files[path] ??= readFileSync(join(at, path), 'utf8')
  }
  for (const bin of Object.values(manifest.bin ?? {}))
    files[bin.replace(/^\.\//, '')] = '#!/usr/bin/env node\nexport {}\n'
  return files
}

/** What publint says of a package of these files. */
async function lint(name: string, files: Readonly<Record<string, string>>): Promise<(string | undefined)[]> {
  const at = join(scratch, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true })
    writeFileSync(join(at, path), text)
  }
  const { messages, pkg } = await publint({ pkgDir: at, pack: false, strict: true, level: 'suggestion' })
  return messages.map((message) => formatMessage(message, pkg, { color: false }))
}

/** What a compiler that resolves entries as modules cannot find; null where the package has no types at all. */
async function untyped(manifest: Manifest, files: Readonly<Record<string, string>>): Promise<readonly string[] | null> {
  const { name, version } = manifest
  const placed = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [`/node_modules/${name}/${path}`, text]),
  )
  const result = await checkPackage(new Package(placed, name, version))
  if (!result.types) return null
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)))
    .map(({ kind }) => kind)
}

test('every package and program is among them, and an entry without its files is found by both', async () => {
  expect(PUBLISHED.length).toBeGreaterThan(20)
  const { 'dist/node.js': _script, 'dist/node.d.ts': _types, ...files } = filesOf('packages/trees')
  // It looks at entries at once, and tells them as it finishes.
  const missing = [
    'pkg.exports["./node"].default is ./dist/node.js but the file does not exist.',
    'pkg.exports["./node"].types is ./dist/node.d.ts but the file does not exist.',
  ]
  expect(new Set(await lint('without', files))).toEqual(new Set(missing))
  expect(await untyped(JSON.parse(files['package.json'] ?? '') as Manifest, files)).toContain('NoResolution')
})

test('a tarball names the repository whose workflow publishes it', () => {
  process.env['GITHUB_REPOSITORY'] = 'ann/breakwater'
  const packed = filesOf('packages/trees')['package.json'] ?? ''
  delete process.env['GITHUB_REPOSITORY']
  expect((JSON.parse(packed) as { readonly repository?: object }).repository).toEqual({
    type: 'git',
    url: 'git+https://github.com/ann/breakwater.git',
    directory: 'packages/trees',
  })
})

describe.each(PUBLISHED)('%s', (folder) => {
  test('publint has nothing to say', async () => {
    expect(await lint(folder, filesOf(folder))).toEqual([])
  })

  test('a compiler finds the types of every entry', async () => {
    const files = filesOf(folder)
    const manifest = JSON.parse(files['package.json'] ?? '') as Manifest
    // A program may have commands and no entries.
    expect((await untyped(manifest, files)) ?? (manifest.bin === undefined ? ['no types'] : [])).toEqual([])
  })
})
