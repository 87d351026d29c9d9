import { describe, expect, test } from 'vitest'
import { checkSubjects, overlap } from '#src/serve/subjects'

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
    [{ ...subjects, enrich: 'levels.*' }, 'scorer: --enrich=levels.*: matches --publish=levels.signals'],
    [{ ...subjects, enrich: 'levels.signals' }, 'scorer: --enrich=levels.signals: matches --publish=levels.signals'],
    [{ ...subjects, score: '>' }, 'scorer: --subject=>: matches --publish=levels.signals'],
    [{ ...subjects, publish: 'levels.*' }, 'scorer: --publish=levels.*: must not contain a wildcard'],
    [{ ...subjects, enrich: 'levels..raw' }, 'scorer: --enrich=levels..raw: is not a NATS subject'],
    [{ ...subjects, score: 'a b' }, 'scorer: --subject=a b: is not a NATS subject'],
    [{ ...subjects, enrich: '>.raw' }, 'scorer: --enrich=>.raw: is not a NATS subject'],
  ])('%#', (wrong, message) => {
    expect(() => checkSubjects(wrong)).toThrow(message)
  })
})
