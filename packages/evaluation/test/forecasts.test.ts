import { byFold, byKind, columnOf, takeForecasts } from '@breakwater/evaluation'
import { expect, test } from 'vitest'
import { planted } from './forecast-sample.ts'

const sample = planted({ sessions: 6, rowsPerSession: 10, seed: 1, columns: { one: (p) => p, other: (p) => 1 - p } })

test('takes rows of every array alike', () => {
  const taken = takeForecasts(sample, [7, 3])
  expect([...columnOf(taken, 'other')]).toEqual([columnOf(sample, 'other')[7], columnOf(sample, 'other')[3]])
  expect([...taken.targets]).toEqual([sample.targets[7], sample.targets[3]])
  expect([...taken.sessions]).toEqual([0, 0])
  expect(taken.kinds).toEqual(['ROUND', 'ROUND'])
})

test('divides rows by fold and by kind of level, and loses none', () => {
  const folds = byFold(sample)
  expect(folds.map(([fold, { targets }]) => [fold, targets.length])).toEqual([
    [0, 20],
    [1, 20],
    [2, 20],
  ])
  expect(folds.flatMap(([, { columns }]) => [...(columns.get('one') ?? [])])).toEqual([...columnOf(sample, 'one')])
  expect(byKind(sample).map(([kind, { targets }]) => [kind, targets.length])).toEqual([
    ['ROUND', 48],
    ['PM_HIGH', 12],
  ])
})

test('names the columns there are where one is absent', () => {
  expect(() => columnOf(sample, 'third')).toThrow(
    'evaluation: column=third: must be one of one, other, which forecast direction. Name one of them.',
  )
})
