import { firstTrees, fromXgboost, predictRaw, toXgboostJson, toXgboostUbj, treeCount } from '@breakwater/trees'
import type { TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largestError, recordedModels } from './fixtures.ts'
import { modelShape, OBJECTIVES, randomModel, testingRows } from './random-model.ts'
import type { ModelShape } from './random-model.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const recorded = (title: string): Uint8Array => {
  const found = recordedModels('xgboost').find((model) => model.title === title)
  if (found === undefined) throw new Error(`${title} is not recorded`)
  return found.bytes
}

/** A model whose leaves cancel a part of its base score. */
const CANCELLED: ModelShape = {
  seed: 18_731_695,
  objective: 'logistic',
  columns: 1,
  trees: 4,
  branches: 2,
  categoryColumns: 0,
  categories: 1,
  deep: false,
  baseScore: 3.9999840259552,
}

describe('a model written for XGBoost', () => {
  it('is read back as the same arrays, from JSON and from UBJSON; a base score to 32 bits, or as a tree of one leaf', () => {
    fc.assert(
      fc.property(modelShape, (shape) => {
        const model = randomModel(shape)
        for (const bytes of [utf8(toXgboostJson(model, { quantile: 0.9 })), toXgboostUbj(model, { quantile: 0.9 })]) {
          const back = fromXgboost(bytes)
          const extra = treeCount(back) - treeCount(model)
          expect(extra).toBeLessThanOrEqual(1)
          const objective = model.objective === 'custom' ? 'squared' : model.objective
          const same = { ...model, objective, baseScore: 0 }
          expect(extra === 0 ? { ...back, baseScore: 0 } : same).toEqual(same)
          const matrix = testingRows(model, shape)
          expect(largestError(predictRaw(back, matrix), predictRaw(model, matrix))).toBeLessThan(4e-7)
        }
      }),
      { examples: [[CANCELLED]] },
    )
  })

  it.each(OBJECTIVES)('of objective %s keeps scores from -60 to 60 to 4e-7', (objective) => {
    for (const baseScore of [-60, -17.3, -2.7, 0, 0.1, 2.7, 5, 17.3, 60]) {
      const shape = { seed: 3, columns: 2, branches: 4, categoryColumns: 1, categories: 5, deep: false }
      const model = { ...randomModel({ ...shape, objective, trees: 2, baseScore }), baseScore }
      const back = fromXgboost(toXgboostUbj(model, { quantile: 0.5 }))
      const matrix = testingRows(model, { ...shape, objective, trees: 2, baseScore })
      expect(largestError(predictRaw(back, matrix), predictRaw(model, matrix))).toBeLessThan(4e-7)
    }
  })

  it('is the same file for the same model, and its JSON holds what its UBJSON holds', () => {
    const model = randomModel({
      seed: 8,
      objective: 'logistic',
      columns: 3,
      trees: 4,
      branches: 9,
      categoryColumns: 1,
      categories: 40,
      deep: false,
      baseScore: 0.5,
    })
    expect(toXgboostUbj(model)).toEqual(toXgboostUbj(structuredClone(model)))
    expect(fromXgboost(utf8(toXgboostJson(model)))).toEqual(fromXgboost(toXgboostUbj(model)))
  })

  it('needs the level of a quantile, and names that XGBoost takes', () => {
    const shape = { seed: 1, columns: 1, trees: 1, branches: 1, categoryColumns: 0, categories: 1, deep: false }
    const model = randomModel({ ...shape, objective: 'quantile', baseScore: 0 })
    expect(() => toXgboostUbj(model)).toThrow(
      'trees: options.quantile=undefined: must be in (0, 1) for a quantile model. Pass the level it was trained for.',
    )
    const named: TreeModel = { ...model, objective: 'squared', columns: ['a[0]'] }
    expect(() => toXgboostJson(named)).toThrow(
      'trees: model.columns: "a[0]" holds one of [ ] <, which XGBoost refuses.',
    )
  })
})

describe('early stopping recorded by XGBoost', () => {
  it('keeps the trees up to the best iteration, or all on request', () => {
    const bytes = recorded('xgboost-3.2.0/stopped')
    const [best, all] = [fromXgboost(bytes), fromXgboost(bytes, { iterations: 'all' })]
    expect(treeCount(all) - treeCount(best)).toBe(3)
    expect(firstTrees(all, treeCount(best)).value).toEqual(best.value)
    const forest = recorded('xgboost-3.2.0/stopped-forest')
    expect(treeCount(fromXgboost(forest)) % 2).toBe(0)
    expect(treeCount(fromXgboost(forest))).toBeLessThan(treeCount(fromXgboost(forest, { iterations: 'all' })))
  })
})

/** The column that each node splits on, by name. */
const named = (m: TreeModel): (string | undefined)[] => Array.from(m.feature, (c) => m.columns[c])

describe('columns', () => {
  const bytes = recorded('xgboost-3.2.0/logistic')
  const own = fromXgboost(bytes)

  it('are matched by name in any order, and more may be given', () => {
    const columns = ['extra', ...own.columns.toReversed()]
    const model = fromXgboost(bytes, { columns })
    expect(model.columns).toEqual(columns)
    expect(named(model)).toEqual(named(own))
  })

  it('that do not match are named; by position only on request and in the same number', () => {
    const columns = ['price', 'flow', 'kind', 'level']
    expect(() => fromXgboost(bytes, { columns, source: 'm.ubj' })).toThrow(
      "trees: m.ubj: feature names: kind=A: not among options.columns. Train on the encoder's columns under their own names.",
    )
    expect(fromXgboost(bytes, { columns, byPosition: true }).columns).toEqual(columns)
    expect(() => fromXgboost(bytes, { columns: ['a'], byPosition: true, source: 'm.ubj' })).toThrow(
      'trees: m.ubj: has 4 features, options.columns 1: must be as many.',
    )
  })

  it('of a file without names are f0, f1, ..., and cannot be checked by name', () => {
    const text = new TextDecoder().decode(recorded('xgboost-3.2.0/logistic-text'))
    const unnamed = utf8(text.replace(/"feature_names": ?\[[^\]]*\]/, '"feature_names":[]'))
    expect(fromXgboost(unnamed).columns).toEqual(['f0', 'f1', 'f2', 'f3'])
    expect(() => fromXgboost(unnamed, { columns: own.columns })).toThrow('trees: model: names no features')
  })
})
