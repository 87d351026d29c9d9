import { budgetViolations, partViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { packageFiles, repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** Files above 300 lines that have a reason to be; a file above 500 lines has none. */
const REASONS: Readonly<Record<string, string>> = {}

const THREAD = 'a thread starts at this file'
const STEP = 'a step of its own: the list of files shows the algorithm'
const EXAMPLE = 'an example, read file by file'

/** Files below 40 lines that one other alone imports and that stand alone for a reason. */
const PARTS: Readonly<Record<string, string>> = {
  'apps/cli/src/init.ts': 'one file a command',
  'apps/scorer/src/commands/schema.ts': 'one file a command',
  'apps/trainer/src/bars/columns.ts': 'parses one option, which the options and no other file take',
  'examples/core-service/src/core-service.ts': EXAMPLE,
  'examples/core-service/src/market.ts': EXAMPLE,
  'packages/evaluation/src/head-worker.ts': THREAD,
  'packages/evaluation/src/scoring/operating.ts': STEP,
  'packages/features/src/live/check-bar.ts': STEP,
  'packages/monitor/src/log-worker.ts': THREAD,
  'packages/monitor/src/skew/thread.ts': 'starts a thread, and stands apart from what the thread loads',
  'packages/patchtst/src/team-worker.ts': THREAD,
  'packages/retrieval/src/query-worker.ts': THREAD,
  'packages/simulator/src/intraday.ts': STEP,
  'packages/tracking/src/mlflow/meta.ts': 'a format of its own: meta.yaml',
  'tools/e2e/test/shuffled.ts': 'its one user is a test at its own budget',
}

const lines = (count: number): string => 'x\n'.repeat(count)

test('every source file of this repository is within its budget of lines', () => {
  expect(budgetViolations(repository, REASONS)).toEqual([])
})

test('300 lines are let through, 301 need a reason, 501 have none', () => {
  const files = { 'a.ts': lines(300), 'b.ts': lines(301), 'c.mjs': lines(501), 'd.md': lines(999) }
  expect(budgetViolations(repositoryOf(files), {})).toEqual([
    'b.ts: 301 lines: above 300 a file needs a reason. Split it by what it does, or state the reason in the budget test.',
    'c.mjs: 501 lines: at most 500. Split it by what it does.',
  ])
  expect(budgetViolations(repositoryOf(files), { 'b.ts': 'one table', 'c.mjs': 'one table' })).toHaveLength(1)
})

test('a reason for a file that is short or gone is refused', () => {
  expect(budgetViolations(repositoryOf({ 'a.ts': lines(10) }), { 'a.ts': 'one table', 'b.ts': 'gone' })).toEqual([
    'a.ts: has a reason for its length but needs none. Remove the reason.',
    'b.ts: has a reason for its length but needs none. Remove the reason.',
  ])
})

test('every short file of this repository has more than one user, or a reason to stand alone', () => {
  expect(partViolations(repository, PARTS)).toEqual([])
})

const shortPart = {
  ...packageFiles('packages/trees'),
  'packages/trees/src/value.ts': `import type { Part } from './part.ts'\nexport const value: Part = 1\n${lines(50)}`,
  'packages/trees/src/part.ts': 'export type Part = number\n',
}

test('a short file that one other alone imports, for its types too, is questioned; a reason lets it through', () => {
  const message =
    'packages/trees/src/part.ts: 1 lines that only packages/trees/src/value.ts imports: a part of it. Merge the two, or state the reason in the budget test.'
  expect(partViolations(repositoryOf(shortPart), {})).toEqual([message])
  expect(partViolations(repositoryOf(shortPart), { 'packages/trees/src/part.ts': 'a step' })).toEqual([])
})

test('a file of 40 lines, one with two users, and one that an entry alone names are let through', () => {
  const second = "import type { Part } from './part.ts'\nexport const second: Part = 2\n"
  const forty = { ...shortPart, 'packages/trees/src/part.ts': `export type Part = number\n${lines(39)}` }
  expect(partViolations(repositoryOf(forty), {})).toEqual([])
  expect(partViolations(repositoryOf({ ...shortPart, 'packages/trees/src/second.ts': second }), {})).toEqual([])
  expect(partViolations(repositoryOf(packageFiles('packages/trees')), {})).toEqual([])
})

test('a test counts as a user of what it imports by a private name of the package', () => {
  const files = {
    ...shortPart,
    ...packageFiles('packages/trees', { imports: { '#src/*': './src/*.ts' } }),
    'packages/trees/src/value.ts': shortPart['packages/trees/src/value.ts'],
    'packages/trees/test/part.test.ts': "import type { Part } from '#src/part'\n",
  }
  expect(partViolations(repositoryOf(files), {})).toEqual([])
})

test('a reason to stand alone for a file that needs none or is gone is refused', () => {
  expect(
    partViolations(repositoryOf(packageFiles('packages/trees')), { 'packages/trees/src/value.ts': 'a step' }),
  ).toEqual(['packages/trees/src/value.ts: has a reason for standing alone but needs none. Remove the reason.'])
})
