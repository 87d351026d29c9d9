import { manifestViolations, parseManifest, versionViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

const engines = { node: '>=24' }
const { engines: rootEngines } = parseManifest(repository.read('package.json'), 'package.json')

test('every manifest of this repository has the common form', () => {
  expect(manifestViolations(repository, rootEngines)).toEqual([])
})

test('every version of this repository comes from the catalog, which is exact', () => {
  expect(versionViolations(repository)).toEqual([])
})

test('a package in the common form is let through', () => {
  const files = { ...packageFiles('packages/trees'), ...packageFiles('tools/bench') }
  expect(manifestViolations(repositoryOf(files), engines)).toEqual([])
})

test.each([
  [{ name: 'trees' }, 'name="trees"', '"@breakwater/trees"'],
  [{ license: 'MIT' }, 'license="MIT"', '"Apache-2.0"'],
  [{ type: 'commonjs' }, 'type="commonjs"', '"module"'],
  [{ engines: { node: '>=18' } }, 'engines={"node":">=18"}', '{"node":">=24"}'],
  [{ sideEffects: true }, 'sideEffects=true', 'false'],
  [{ files: ['dist'] }, 'files=["dist"]', '["dist","!dist/.tsbuildinfo","!dist/**/*.d.ts.map"]'],
  [{ private: true }, 'private=true', 'false'],
])('a manifest with %o is refused with what to write', (changes, given, wanted) => {
  expect(manifestViolations(repositoryOf(packageFiles('packages/trees', changes)), engines)).toEqual([
    `packages/trees/package.json: ${given}: differs from the common form. Write ${wanted}.`,
  ])
})

test('a version that is none is refused', () => {
  expect(manifestViolations(repositoryOf(packageFiles('packages/trees', { version: '1' })), engines)).toEqual([
    'packages/trees/package.json: version=1: write it as 1.2.3.',
  ])
})

test('a published package without keywords is refused', () => {
  expect(manifestViolations(repositoryOf(packageFiles('packages/trees', { keywords: [] })), engines)).toEqual([
    'packages/trees/package.json: keywords: absent: a registry finds a package by them. Write a few.',
  ])
  expect(manifestViolations(repositoryOf(packageFiles('tools/bench', { keywords: [] })), engines)).toEqual([])
})

test('an entry without its source condition, and one that tsup does not build, are refused', () => {
  const entry = { '@breakwater/source': './src/value.ts', types: './dist/value.d.ts', default: './dist/value.js' }
  const manifest = './package.json'
  const without = { '.': { import: './dist/index.js' }, './package.json': manifest }
  const [shape] = manifestViolations(repositoryOf(packageFiles('packages/trees', { exports: without })), engines)
  expect(shape).toContain('exports["."]={"import":"./dist/index.js"}: an entry is its source, types and default')
  const unbuilt = { './value': entry, './package.json': manifest }
  expect(manifestViolations(repositoryOf(packageFiles('packages/trees', { exports: unbuilt })), engines)).toEqual([
    'packages/trees/tsup.config.ts: does not build src/value.ts. Add it to entry.',
  ])
  const files = packageFiles('packages/trees', { exports: unbuilt })
  const config = 'packages/trees/tsup.config.ts'
  const all = { ...files, [config]: files[config]?.replace(/entry: \[.*?\]/, "entry: ['src/**/*.ts']") ?? '' }
  expect(manifestViolations(repositoryOf(all), engines)).toEqual([])
})

test('an entry or a binary whose source is absent is refused, as is a package without README', () => {
  const { 'packages/trees/README.md': _readme, ...files } = packageFiles('packages/trees', {
    bin: { trees: './dist/main.js' },
  })
  expect(manifestViolations(repositoryOf(files), engines)).toEqual([
    'packages/trees/src/main.ts: absent, but package.json names it. Write it or drop the entry.',
    'packages/trees/README.md: absent: every package says what it is. Write it.',
  ])
})

test('versions outside the catalog and inexact catalog versions are refused', () => {
  const files = {
    ...packageFiles('packages/formats'),
    ...packageFiles('packages/trees', {
      dependencies: { '@breakwater/formats': '0.0.0', zod: '^4.0.0', yaml: 'catalog:' },
      devDependencies: { knip: 'catalog:' },
    }),
  }
  expect(versionViolations(repositoryOf(files, { zod: '4.6.7', knip: '^6.0.0' }))).toEqual([
    'pnpm-workspace.yaml: knip=^6.0.0: a catalog version is exact. Write the digits.',
    "packages/trees/package.json: @breakwater/formats=0.0.0: not the workspace's version. Write 'workspace:*'.",
    "packages/trees/package.json: zod=^4.0.0: not the workspace's version. Write 'catalog:'.",
    'packages/trees/package.json: yaml: not in the catalog. Add its exact version to pnpm-workspace.yaml.',
  ])
})

test('a manifest that is not JSON, or has a field of another type, is refused by name', () => {
  expect(() => parseManifest('{,}', 'a/package.json')).toThrow(
    'workspace: a/package.json: not JSON. Remove comments and trailing commas.',
  )
  expect(() => parseManifest('{"files":"dist"}', 'a/package.json')).toThrow(
    'workspace: a/package.json: ✖ Invalid input: expected array, received string\n  → at files',
  )
})
