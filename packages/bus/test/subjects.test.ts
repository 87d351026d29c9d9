import { describe, expect, test } from 'vitest'
import { checkSubjects, covers, overlap } from '#src/subjects'

const subjects = { score: 'viewport.score', enrich: 'levels.raw', publish: 'levels.signals' }

test.each([
  ['levels.raw', 'levels.raw', true],
  ['levels.raw', 'levels.signals', false],
  ['levels.*', 'levels.signals', true],
  ['levels.>', 'levels.signals', true],
  ['>', 'levels.signals', true],
  ['levels', 'levels.signals', false],
  ['levels.signals.>', 'levels.signals', false],
  ['*.signals', 'levels.*', true],
  ['levels.*.a', 'levels.b', false],
])('%s and %s have a subject in common: %s', (a, b, wanted) => {
  expect(overlap(a, b)).toBe(wanted)
  expect(overlap(b, a)).toBe(wanted)
})

describe('checkSubjects', () => {
  test('lets subjects through that do not meet', () => {
    expect(() => checkSubjects(subjects)).not.toThrow()
    expect(() => checkSubjects({ ...subjects, enrich: null })).not.toThrow()
  })

  test.each([
    [{ ...subjects, enrich: 'levels.*' }, 'bus: --enrich=levels.*: matches --publish=levels.signals'],
    [{ ...subjects, enrich: 'levels.signals' }, 'bus: --enrich=levels.signals: matches --publish=levels.signals'],
    [{ ...subjects, score: '>' }, 'bus: --subject=>: matches --publish=levels.signals'],
    [{ ...subjects, publish: 'levels.*' }, 'bus: --publish=levels.*: must not contain a wildcard'],
    [{ ...subjects, enrich: 'levels..raw' }, 'bus: --enrich=levels..raw: is not a NATS subject'],
    [{ ...subjects, score: 'a b' }, 'bus: --subject=a b: is not a NATS subject'],
    [{ ...subjects, enrich: '>.raw' }, 'bus: --enrich=>.raw: is not a NATS subject'],
  ])('%#', (wrong, message) => {
    expect(() => checkSubjects(wrong)).toThrow(message)
  })
})

test.each([
  ['levels.raw', 'levels.raw', true],
  ['levels.*', 'levels.raw', true],
  ['levels.>', 'levels.raw.spy', true],
  ['levels.>', 'levels', false],
  ['levels.raw', 'levels.*', false],
  ['levels.*', 'levels.>', false],
  ['>', 'levels.>', true],
  ['levels.raw', 'levels.raw.spy', false],
])('%s takes all of %s: %s', (wanted, held, all) => {
  expect(covers(wanted, held)).toBe(all)
})
