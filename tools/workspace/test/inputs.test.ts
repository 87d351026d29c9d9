import { inputViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

const SCHEMA = ['data', 'features.json'].join('/')
const withTarget = (target?: object): Readonly<Record<string, string>> =>
  packageFiles('packages/trees', { nx: { tags: ['layer:0'], targets: target === undefined ? {} : { test: target } } })
const reader = { 'packages/trees/test/a.test.ts': `new URL('../../../${SCHEMA}', import.meta.url)\n` }
const input = { inputs: ['default', '^production', 'schema'] }

test('the tests of this repository that read the description of the columns run again when it changes, no others', () => {
  expect(inputViolations(repository)).toEqual([])
  const declared = repository.packages.filter(({ manifest }) => manifest.nx.targets['test']?.inputs?.includes('schema'))
  expect(declared.map(({ folder }) => folder)).toContain('packages/features')
})

test('a package that reads it without the input is refused; with the input, or without a cache, it is not', () => {
  expect(inputViolations(repositoryOf({ ...withTarget(), ...reader }))).toEqual([
    `packages/trees/package.json: packages/trees/test/a.test.ts reads ${SCHEMA}, which is no input of the tests. Write nx.targets.test.inputs: ["default", "^production", "schema"].`,
  ])
  expect(inputViolations(repositoryOf({ ...withTarget(input), ...reader }))).toEqual([])
  expect(inputViolations(repositoryOf({ ...withTarget({ cache: false }), ...reader }))).toEqual([])
})

test('a package that has the input and reads nothing of it is refused', () => {
  expect(inputViolations(repositoryOf(withTarget(input)))).toEqual([
    `packages/trees/package.json: no test reads ${SCHEMA}, the input schema of the tests. Remove it.`,
  ])
  expect(inputViolations(repositoryOf(withTarget()))).toEqual([])
})
