import { vocabularyViolations } from '@breakwater/workspace'
import { expect, test } from 'vitest'
import { repositoryOf } from './fixture.ts'
import { repository } from './this-repository.ts'

/** Files that retype words, each with its reason. */
const REASONS: Readonly<Record<string, string>> = {
  'packages/retrieval/src/input.ts':
    'free of the domain: the outcomes that an index stores, in the order of their codes in its file',
}

/** What the rule says about a line of a source file outside features. */
const violationsOf = (line: string): string[] =>
  vocabularyViolations(repositoryOf({ 'apps/own/src/a.ts': `\n${line}\n` }), {})

test('the words of the domain stand in features alone', () => {
  expect(vocabularyViolations(repository, REASONS)).toEqual([])
})

test.each([
  ["const anchors = ['2min', '8min']", "'2min' names an anchor. Take ANCHORS, PRIMARY_ANCHOR or atAnchor"],
  ["type Frame = '4min' | null", "'4min' names an anchor."],
  ["const seconds = { '8min': 480 }", "'8min' names an anchor."],
  ["const isLate = name.endsWith('_8min')", "'_8min' names an anchor."],
  ['const column = `${base}_2min`', "'_2min' names an anchor."],
  ["const stages = ['stage_a', 'stage_b']", 'a list of words retypes STAGES. Take it'],
  ["type Ablation = 'full' | 'ta' | null", 'a list of words retypes ABLATIONS. Take it'],
  ["const walls = new Set(['CALL_WALL', 'PUT_WALL'])", 'a list of words retypes LEVEL_KINDS. Take it'],
  ["type Side = 'UP' | 'DOWN'", 'a list of words retypes DIRECTIONS. Take it'],
  ["const ends = ['BREAK', 'CHOP']", 'a list of words retypes OUTCOMES. Take it'],
  ["const heads = ['direction', 'tradeable_2']", 'a list of words retypes WINDOW_HEADS. Take it'],
  ['const horizons = [60, 120, 180, 300]', 'a list retypes the horizons. Take DEFAULT_HORIZONS'],
  ["const text = 'default 60 120 180 300'", "'60 120 180 300' lists the horizons. Take DEFAULT_HORIZONS"],
  ['const reach = /^t([12])_/', 'a pattern reads the name of a head. Take parseHeadName or splitAnchor'],
  ["name.replace(/_[248]min$/, '')", 'a pattern reads the name of a head.'],
  ['const name = `t${threshold}${side}`', 'a text puts the name of a head together. Take headName or reachKey'],
  ['const name = `${key}_${seconds}s${suffix}`', 'a text puts the name of a head together.'],
])('refuses %s', (line, message) => {
  const found = violationsOf(line)
  expect(found[0]?.startsWith(`apps/own/src/a.ts:2: ${message}`)).toBe(true)
  expect(found.every((one) => one.endsWith(' from @breakwater/features.'))).toBe(true)
})

test.each([
  "import { ANCHORS, STAGES } from '@breakwater/features/vocabulary'",
  "const kind = level.kind === 'ROUND' ? 'VWAP' : level.kind",
  "const models = { stage_a: load('stage_a'), stage_b: load('stage_b') }",
  "const help = 'anchors: 2min and so on'",
  'const minutes = [60, 120, 300]',
  'const text = `${count} in ${seconds}s`',
  'const tensor = `t${number}`',
  '// 2min, 4min and 8min',
])('lets %s through', (line) => {
  expect(violationsOf(line)).toEqual([])
})

test('tests, benchmarks, documents and features may name them, and a file that has a reason', () => {
  const line = "const anchors = ['2min', '8min']"
  const files = {
    'apps/own/test/a.test.ts': line,
    'apps/own/bench/a.ts': line,
    'docs/src/a.md': line,
    'packages/features/src/a.ts': line,
    'packages/own/src/a.ts': line,
  }
  expect(vocabularyViolations(repositoryOf(files), { 'packages/own/src/a.ts': 'free of the domain' })).toEqual([])
})

test('a reason for a file without such words is refused', () => {
  expect(vocabularyViolations(repositoryOf({ 'apps/own/src/a.ts': 'f()' }), { 'apps/own/src/a.ts': 'old' })).toEqual([
    'apps/own/src/a.ts: has a reason for its words but needs none. Remove the reason.',
  ])
})
