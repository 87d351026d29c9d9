import { referenceViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

const references = (...paths: string[]): string => JSON.stringify({ references: paths.map((path) => ({ path })) })
const workspace = {
  ...packageFiles('packages/formats'),
  ...packageFiles('packages/trees', { dependencies: { '@breakwater/formats': 'workspace:*' } }),
  'packages/trees/tsconfig.lib.json': references('../formats/tsconfig.lib.json'),
  'tsconfig.json': references('./packages/formats', './packages/trees', './tools'),
}

test('the project references of this repository follow its manifests', () => {
  expect(referenceViolations(repository)).toEqual([])
})

test('references that follow the manifests are let through', () => {
  expect(referenceViolations(repositoryOf(workspace))).toEqual([])
})

test('a package that the root does not reference, and a reference without a dependency, are refused', () => {
  const files = {
    ...workspace,
    'packages/formats/tsconfig.lib.json': references('../trees/tsconfig.lib.json'),
    'tsconfig.json': references('./packages/formats', './tools'),
  }
  expect(referenceViolations(repositoryOf(files))).toEqual([
    'packages/formats/tsconfig.lib.json: references packages/trees/tsconfig.lib.json, which package.json does not name. Remove it.',
    'tsconfig.json: does not reference packages/trees, which the package uses. Add it.',
  ])
})

test('tests are checked against the library and every dependency; a package without their tsconfig is refused', () => {
  const files = { ...workspace, 'packages/trees/test/value.test.ts': '' }
  expect(referenceViolations(repositoryOf(files))).toEqual([
    'packages/trees/tsconfig.json: does not reference packages/trees/tsconfig.test.json, which the package uses. Add it.',
    'packages/trees/tsconfig.test.json: absent: TypeScript would not check this part. Write it.',
  ])
})
