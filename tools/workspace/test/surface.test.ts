import { surfaceViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

const violationsOf = (...lines: string[]): string[] =>
  surfaceViolations(
    repositoryOf({ ...packageFiles('packages/trees'), 'packages/trees/src/index.ts': lines.join('\n') }),
  )

test('every entry of this repository re-exports names, sorted', () => {
  expect(surfaceViolations(repository)).toEqual([])
})

test('sorted names from sorted modules are let through, types and renamed ones too', () => {
  const lines = [
    "export { binRows, Z } from './a.ts'",
    "export type { Matrix } from './a.ts'",
    "export { MOST, type Options, one as two } from './b.ts'",
  ]
  expect(violationsOf(...lines)).toEqual([])
})

test.each([
  ["export * from './a.ts'", "exports all of './a.ts'. Name what is public."],
  ['export const value = 1', 'exports value of its own. Move it to a module and re-export it.'],
  ["export { default } from './a.ts'", 'exports a default. Export it by name.'],
  ["export { b, a } from './a.ts'", 'names are unsorted. Write a, b.'],
  ["export { b } from './b.ts'\nexport { a } from './a.ts'", "'./a.ts' stands after './b.ts'. Sort the modules."],
])('refuses %s', (text, rule) => {
  expect(violationsOf(text)).toEqual([`packages/trees/src/index.ts: ${rule}`])
})
