import { layerViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

const uses = (...names: string[]): { dependencies: Record<string, string> } => ({
  dependencies: Object.fromEntries(names.map((name) => [`@breakwater/${name}`, 'workspace:*'])),
})

test('the packages of this repository keep to their layers', () => {
  expect(layerViolations(repository)).toEqual([])
})

test('this repository has packages in every group', () => {
  const groups = new Set(repository.packages.map(({ folder }) => folder.split('/')[0]))
  expect(groups).toEqual(new Set(['packages', 'apps', 'tools', 'examples']))
})

test('a package may use formats, viewport features, an app packages, a tool anything', () => {
  const files = {
    ...packageFiles('packages/formats'),
    ...packageFiles('packages/trees', uses('formats')),
    ...packageFiles('packages/features'),
    ...packageFiles('packages/viewport', { ...uses('features'), nx: { tags: ['layer:1'] } }),
    ...packageFiles('tools/bench', uses('trees')),
    ...packageFiles('apps/trainer', uses('trees')),
    ...packageFiles('tools/e2e', uses('trainer')),
  }
  expect(layerViolations(repositoryOf(files))).toEqual([])
})

test('a package that uses another, even for its tests, is named with the rule and the fix', () => {
  const files = {
    ...packageFiles('packages/features'),
    ...packageFiles('packages/splits', { devDependencies: { '@breakwater/features': 'workspace:*' } }),
  }
  expect(layerViolations(repositoryOf(files))).toEqual([
    'packages/splits/package.json: depends on @breakwater/features: of the workspace this package uses formats only. Pass plain values or an interface in instead.',
  ])
})

test('a package that uses one above it is told what it may use', () => {
  const files = {
    ...packageFiles('packages/trees'),
    ...packageFiles('packages/report', { ...uses('features', 'trees'), nx: { tags: ['layer:4'] } }),
    ...packageFiles('packages/features', uses('report')),
  }
  expect(layerViolations(repositoryOf(files))).toEqual([
    'packages/features/package.json: depends on @breakwater/report: of the workspace this package uses formats only. Pass plain values or an interface in instead.',
    'packages/report/package.json: depends on @breakwater/trees: of the workspace this package uses formats, evaluation, features, models, splits only. Pass plain values or an interface in instead.',
  ])
})

test('a package that uses a tool or an app, and an app that uses an app or a tool, is refused', () => {
  const files = {
    ...packageFiles('packages/splits', uses('bench', 'trainer')),
    ...packageFiles('tools/bench'),
    ...packageFiles('apps/trainer'),
    ...packageFiles('apps/scorer', uses('trainer', 'bench')),
  }
  expect(layerViolations(repositoryOf(files)).map((message) => message.split(': ').slice(0, 2).join(': '))).toEqual([
    'apps/scorer/package.json: depends on @breakwater/trainer',
    'apps/scorer/package.json: depends on @breakwater/bench',
    'packages/splits/package.json: depends on @breakwater/trainer',
    'packages/splits/package.json: depends on @breakwater/bench',
  ])
})

test('an example uses packages and apps, but no tool, and nothing but a tool uses it', () => {
  const files = {
    ...packageFiles('packages/splits'),
    ...packageFiles('tools/bench', uses('service')),
    ...packageFiles('apps/scorer', uses('splits', 'service')),
    ...packageFiles('examples/service', uses('splits', 'scorer', 'bench')),
  }
  expect(layerViolations(repositoryOf(files))).toEqual([
    'apps/scorer/package.json: depends on @breakwater/service: an app uses packages only. Pass plain values or an interface in instead.',
    'examples/service/package.json: depends on @breakwater/bench: an example uses packages and apps only. Pass plain values or an interface in instead.',
  ])
})

test.each([[[]], [['layer:app']], [['layer:0', 'layer:1']], [['layer:9']]])(
  'the tags %o of a package are refused',
  (tags) => {
    expect(layerViolations(repositoryOf(packageFiles('packages/splits', { nx: { tags } })))).toEqual([
      `packages/splits/package.json: nx.tags=${JSON.stringify(tags)}: one tag layer:0 to layer:4 in packages, layer:app in apps, layer:tool in tools, layer:example in examples. Set it.`,
    ])
  },
)
