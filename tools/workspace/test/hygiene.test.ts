import { hygieneViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** Joins the parts of what no file may contain, so that this file does not. */
const joined = (...parts: string[]): string => parts.join('')

test('no file of this repository contains what none may', () => {
  expect(hygieneViolations(repository)).toEqual([])
})

test.each([
  [`see ${joined('/ho', 'me/ann/data')}`, joined('/ho', 'me/a'), 'no absolute path of a machine.'],
  [`'${joined('C:', '\\\\data')}'`, joined('C:', '\\\\d'), 'no absolute path of a machine.'],
  [joined('https://regis', 'try.example.org/x'), joined('https://regis', 'try.example.org'), 'no package host.'],
  [joined('// TO', 'DO: later'), joined('TO', 'DO'), 'no note to do it later.'],
  [joined('// @ts', '-ignore'), joined('@ts', '-ignore'), 'no silenced type error.'],
  [joined('test.', 'only('), joined('test.', 'only('), 'no test is singled out or left out.'],
  [joined('describe.', 'skip('), joined('describe.', 'skip('), 'no test is singled out or left out.'],
])('refuses %s', (line, found, rule) => {
  const [message, ...rest] = hygieneViolations(repositoryOf({ 'src/a.ts': `\n${line}\n` }))
  expect(rest).toEqual([])
  expect(message?.startsWith(`src/a.ts:2: '${found}': ${rule.slice(0, -1)}`)).toBe(true)
})

test('relative paths, pages on the web and conditional tests are let through', () => {
  const page = joined('https://example.org/wo', 'rk/x')
  const text = `join('../shared/data') // ${page}\ntest.skipIf(absent)('x', () => {})\n`
  expect(hygieneViolations(repositoryOf({ 'src/a.ts': text, LICENSE: joined('/ho', 'me/ann') }))).toEqual([])
})
