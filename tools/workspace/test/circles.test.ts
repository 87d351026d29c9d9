import { circleViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** Files in circles that are not mended yet. It only shrinks: an entry whose circle is gone is refused. */
const KNOWN: readonly string[] = []

const circle = {
  ...packageFiles('packages/trees'),
  'packages/trees/src/value.ts': "import { a } from './a.ts'\nexport const value = a\n",
  'packages/trees/src/a.ts': "import type { B } from './b.ts'\nexport const a: B = 1\n",
  'packages/trees/src/b.ts': "export { c } from './c.ts'\nexport type B = number\n",
  'packages/trees/src/c.ts': "export const c = import('./a.ts')\n",
}
const message = (path: string): string =>
  `${path}: imports go round. Move what both need, often a type, down into a file of its own.`

test('no file of this repository imports itself by way of others, types included', () => {
  expect(circleViolations(repository, KNOWN)).toEqual([])
})

test('a circle of types, of what is exported on, and of late imports is shown once, without its users', () => {
  expect(circleViolations(repositoryOf(circle), [])).toEqual([
    message('packages/trees/src/a.ts -> packages/trees/src/b.ts -> packages/trees/src/c.ts -> packages/trees/src/a.ts'),
  ])
})

test('a file that imports itself, and one that imports the entry of its package, are circles', () => {
  const self = { ...packageFiles('packages/trees'), 'packages/trees/src/value.ts': "import './value.ts'\n" }
  expect(circleViolations(repositoryOf(self), [])).toEqual([
    message('packages/trees/src/value.ts -> packages/trees/src/value.ts'),
  ])
  const entry = { ...packageFiles('packages/trees'), 'packages/trees/src/value.ts': "import '@breakwater/trees'\n" }
  expect(circleViolations(repositoryOf(entry), [])).toEqual([
    message('packages/trees/src/index.ts -> packages/trees/src/value.ts -> packages/trees/src/index.ts'),
  ])
})

test('two circles are two messages, and the shortest way round is shown', () => {
  const files = {
    ...circle,
    'packages/trees/src/c.ts': "import './a.ts'\nimport './b.ts'\n",
    ...packageFiles('packages/splits'),
    'packages/splits/src/value.ts': "import './other.ts'\n",
    'packages/splits/src/other.ts': "import './value.ts'\n",
  }
  expect(circleViolations(repositoryOf(files), [])).toEqual([
    message('packages/splits/src/other.ts -> packages/splits/src/value.ts -> packages/splits/src/other.ts'),
    message('packages/trees/src/b.ts -> packages/trees/src/c.ts -> packages/trees/src/b.ts'),
  ])
})

test('files that share what they import are no circle', () => {
  const files = {
    ...circle,
    'packages/trees/src/c.ts': 'export const c = 1\n',
    'packages/trees/src/a.ts': "import type { B } from './b.ts'\nimport { c } from './c.ts'\nexport const a: B = c\n",
  }
  expect(circleViolations(repositoryOf(files), [])).toEqual([])
})

test('a known circle is let through, one that is only partly known is not, and one that is mended has to leave the list', () => {
  const files = ['a', 'b', 'c'].map((name) => `packages/trees/src/${name}.ts`)
  expect(circleViolations(repositoryOf(circle), files)).toEqual([])
  expect(circleViolations(repositoryOf(circle), files.slice(1))).toHaveLength(1)
  expect(circleViolations(repositoryOf(packageFiles('packages/trees')), ['packages/trees/src/value.ts'])).toEqual([
    'packages/trees/src/value.ts: is listed as part of a circle but is in none. Remove it from the list.',
  ])
})
