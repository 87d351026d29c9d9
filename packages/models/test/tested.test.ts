import { smoothCalibrationError } from '@breakwater/calibration'
import { type FittedSet, testedOf, testHeads } from '@breakwater/models'
import { expect, test } from 'vitest'

const NONE = Number.NaN
const fold = (tested: readonly number[], served: readonly number[], law: readonly number[] | null) => ({
  test: Uint8Array.from(tested),
  served: new Map([['t1_60s', Float64Array.from(served)]]),
  law: { predictions: { law: new Map(law === null ? [] : [['t1_60s', Float64Array.from(law)]]) } },
})
const target = { name: 't1_60s', task: 'binary', values: Float32Array.of(1, 0, 1, 0), mask: Uint8Array.of(1, 1, 1, 0) }
const fitted = (folds: readonly object[]): FittedSet =>
  ({ folds, targets: [target, { ...target, name: 'strength_signed', task: 'regression' }] }) as unknown as FittedSet

test('figures are those of the test rows of all folds that are valid and that both have', () => {
  const folds = [
    fold([1, 0, 0, 0], [0.8, 0.9, 0.9, 0.9], [0.6, 0.9, 0.9, 0.9]),
    fold([0, 1, 1, 1], [0.9, 0.4, 0.7, 0.9], [0.9, 0.5, NONE, 0.9]),
  ]
  const [head, ...more] = testHeads(fitted(folds))
  expect(more).toEqual([])
  expect(head).toMatchObject({ name: 't1_60s', rows: 2 })
  expect(head?.served.brier).toBeCloseTo((0.2 ** 2 + 0.4 ** 2) / 2, 12)
  expect(head?.served.logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12)
  expect(head?.law?.brier).toBeCloseTo((0.4 ** 2 + 0.5 ** 2) / 2, 12)
  const [p, y] = [
    [0.6, 0.5],
    [1, 0],
  ] as const
  expect(head?.law?.smoothEce).toBeCloseTo(smoothCalibrationError(p, y).value, 2)
  expect(testedOf(JSON.parse(JSON.stringify({ tested: [head] })))).toEqual([head])
})

test('without a law the served forecast stands alone, and details of older sets have none', () => {
  const [head] = testHeads(fitted([fold([0, 0, 1, 1], [0.9, 0.9, 0.7, 0.9], null)]))
  expect(head).toMatchObject({ rows: 1, law: null })
  expect(head?.served.brier).toBeCloseTo(0.3 ** 2, 12)
  expect(testHeads(fitted([fold([0, 0, 0, 1], [0.9, 0.9, 0.7, 0.9], null)]))).toEqual([])
  expect(testedOf({ version: 1 })).toEqual([])
})
