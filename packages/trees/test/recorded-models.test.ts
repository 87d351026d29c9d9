import { predictRaw } from '@breakwater/trees'
import { expect, test } from 'vitest'
import { largestError, recordedModels } from './fixtures.ts'

test.each([...recordedModels('xgboost'), ...recordedModels('lightgbm')])(
  'scores of $title are those of the library that trained it',
  ({ read, matrix, raw }) => {
    const model = read()
    expect(model.columns).toEqual(matrix.columns)
    expect(largestError(predictRaw(model, matrix), raw)).toBeLessThan(1e-6)
    expect(new Set(raw).size).toBeGreaterThan(5)
  },
)
