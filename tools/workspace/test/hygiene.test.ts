import { hygieneViolations, junkViolations, trackedFiles } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { repositoryOf } from './fixture.ts'
import { repository, root } from './this-repository.ts'

/** Joins the parts of what no file may contain, so that this file does not. */
const joined = (...parts: string[]): string => parts.join('')

test('no file of this repository contains what none may', () => {
  expect(hygieneViolations(repository)).toEqual([])
})

test.each([
  [`see ${joined('/ho', 'me/ann/data')}`, joined('/ho', 'me/a'), 'no absolute path of a machine.'],
  [`cd ${joined('/tm', 'p/demo')}`, joined('/tm', 'p/d'), 'no absolute path of a machine.'],
  [joined('file:///tm', 'p/x.html'), joined('/tm', 'p/x'), 'no absolute path of a machine.'],
  [joined('PATH=/usr/bin:/ro', 'ot/bin'), joined('/ro', 'ot/b'), 'no absolute path of a machine.'],
  [joined('cd /ro', 'ot && ls'), joined('/ro', 'ot'), 'no absolute path of a machine.'],
  [joined("mkdtemp('/tm", "p')"), joined('/tm', 'p'), 'no absolute path of a machine.'],
  [joined('"/priv', 'ate/var/x"'), joined('/priv', 'ate/var/x'), 'no absolute path of a machine.'],
  [joined('/var/fol', 'ders/ab/x'), joined('/var/fol', 'ders/a'), 'no absolute path of a machine.'],
  [joined('/Us', 'ers/ann/x'), joined('/Us', 'ers/a'), 'no absolute path of a machine.'],
  [joined('see /wo', 'rk/x'), joined('/wo', 'rk/x'), 'no absolute path of a machine.'],
  [joined('"C:', '\\Users\\ann"'), joined('C:', '\\U'), 'no absolute path of a machine.'],
  [joined('"D:', '/data"'), joined('D:', '/d'), 'no absolute path of a machine.'],
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

test.each([
  'wandb/logs/debug-sync.log',
  'mlruns/0/meta.yaml',
  'tools/interop/__pycache__/a.pyc',
  '.venv/bin/python',
  'train.log',
  'packages/trees/.DS_Store',
])('%s is refused as left behind by a program', (path) => {
  expect(junkViolations(['packages/tracking/src/wandb/log.ts', path])).toEqual([
    `${path}: left behind by a program. Remove it from git; .gitignore should name it.`,
  ])
})

test('git keeps nothing here that a program left behind, ignored or not', () => {
  expect(junkViolations(trackedFiles(root) ?? repository.files)).toEqual([])
})
