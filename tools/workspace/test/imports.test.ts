import { importViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** What the rule says about one file of packages/trees that holds `text`. */
function violationsOf(path: string, text: string): string[] {
  const files = { ...packageFiles('packages/formats'), ...packageFiles('packages/trees'), [path]: text }
  return importViolations(repositoryOf(files))
}

test('every import of this repository stays within its package or uses another by its exports', () => {
  expect(importViolations(repository)).toEqual([])
})

test('imports within a package, by name and of its exports are let through', () => {
  const text = [
    "import { value } from './value.ts'",
    "import { encode } from '@breakwater/formats'",
    "import manifest from '@breakwater/formats/package.json'",
    "import { readFile } from 'node:fs/promises'",
    'export const path = import(value)',
  ]
  expect(violationsOf('packages/trees/src/own.ts', text.join('\n'))).toEqual([])
})

test.each([
  ["import { value } from '../../formats/src/value.ts'", '../../formats/src/value.ts'],
  ["export { value } from '../../formats/src/value.ts'", '../../formats/src/value.ts'],
  ["import type { value } from '../../formats/src/value.ts'", '../../formats/src/value.ts'],
  ["const late = import('../../formats/src/value.ts')", '../../formats/src/value.ts'],
])('a relative import that leaves its package is refused: %s', (line, specifier) => {
  expect(violationsOf('packages/trees/src/own.ts', `\n${line}\n`)).toEqual([
    `packages/trees/src/own.ts:2: imports '${specifier}': a relative import stays inside its package. Import the other package by its name.`,
  ])
})

test('a deep import into another package is refused with what it exports', () => {
  expect(
    violationsOf('packages/trees/bench/own.ts', "import { value } from '@breakwater/formats/src/value.ts'"),
  ).toEqual([
    "packages/trees/bench/own.ts:1: imports '@breakwater/formats/src/value.ts': @breakwater/formats exports only ., ./package.json. Import one of these, or export what is needed there.",
  ])
})

test('a test that reaches into the sources of its package is refused', () => {
  expect(violationsOf('packages/trees/test/own.test.ts', "import { value } from '../src/value.ts'")).toEqual([
    "packages/trees/test/own.test.ts:1: imports '../src/value.ts': tests and benchmarks use the public surface. Import '@breakwater/trees'.",
  ])
})

test('a test of a package without a surface of its own may use its sources', () => {
  const exports = { './package.json': './package.json' }
  const files = {
    ...packageFiles('apps/trainer', { exports }),
    'apps/trainer/test/own.test.ts': "import { value } from '../src/value.ts'",
  }
  expect(importViolations(repositoryOf(files))).toEqual([])
})

test('a file that does not parse is named', () => {
  expect(() => violationsOf('packages/trees/src/own.ts', 'import {')).toThrow(
    /^workspace: packages\/trees\/src\/own\.ts: does not parse: /,
  )
})
