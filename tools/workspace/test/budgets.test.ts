import { budgetViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** Files above 300 lines that have a reason to be; a file above 500 lines has none. */
const REASONS: Readonly<Record<string, string>> = {}

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
