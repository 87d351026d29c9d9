import {
  firstTrees,
  predict,
  predictHeads,
  predictRaw,
  predictRow,
  predictRowRaw,
  sigmoid,
  trainHeads,
  treeCount,
} from '@breakwater/trees'
import type { Matrix, TreeModel } from '@breakwater/trees'
import { beforeAll, describe, expect, it } from 'vitest'

import { labelsOf, modelOf, uniformMatrix } from './seeded.ts'
import { nestedTrees, naiveLeaf } from './naive-trainer.ts'

const matrix = uniformMatrix(500, 4, { missing: 0.1 })
const COLUMNS = matrix.columns.length
const byRow = Float32Array.from(
  { length: 500 * COLUMNS },
  (_, i) => matrix.values[(i % COLUMNS) * 500 + Math.floor(i / COLUMNS)] ?? 0,
)
const asRows: Matrix = { ...matrix, values: byRow, layout: 'rows' }
let logistic: TreeModel
let squared: TreeModel

beforeAll(async () => {
  const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(x > 0.5 === y > 0.3))
  const train = new Uint8Array(500).fill(1)
  const heads = [
    { name: 'a', objective: 'logistic' as const, labels, train },
    { name: 'b', objective: 'squared' as const, labels, train },
  ]
  const [first, second] = await trainHeads(matrix, heads, { rounds: 25 })
  logistic = modelOf(first)
  squared = modelOf(second)
})

describe('prediction', () => {
  it('adds the leaves that a plain walk reaches, in tree order', () => {
    const trees = nestedTrees(logistic)
    const expected = Array.from({ length: 500 }, (_, r) =>
      trees.reduce((sum, tree) => sum + naiveLeaf(tree, (c) => matrix.values[c * 500 + r] ?? 0), logistic.baseScore),
    )
    expect([...predictRaw(logistic, matrix)]).toEqual(expected)
  })

  it('is the sigmoid of the raw score for logistic, the score for squared', () => {
    expect(predict(logistic, matrix)).toEqual(predictRaw(logistic, matrix).map((s) => sigmoid(s)))
    expect(predict(squared, matrix)).toEqual(predictRaw(squared, matrix))
    expect([sigmoid(0), sigmoid(-1000), sigmoid(1000)]).toEqual([0.5, 0, 1])
  })

  it('gives the same bits by column, by row, row by row and for several heads at once', () => {
    const raw = predictRaw(logistic, matrix)
    expect(predictRaw(logistic, asRows)).toEqual(raw)
    expect(predictHeads([logistic, squared], asRows)).toEqual(Float64Array.of(...raw, ...predictRaw(squared, matrix)))
    for (let r = 0; r < 500; r++) {
      expect(predictRowRaw(logistic, byRow, r * COLUMNS)).toBe(raw[r])
      expect(predictRow(logistic, byRow, r * COLUMNS)).toBe(sigmoid(raw[r] ?? 0))
    }
  })

  it('writes into the array it is given', () => {
    const out = new Float64Array(500)
    expect(predictRaw(squared, matrix, out)).toBe(out)
    expect(out).toEqual(predictRaw(squared, matrix))
  })

  it('goes right on the threshold itself and follows the learned direction when missing', () => {
    const model: TreeModel = {
      ...logistic,
      columns: ['x'],
      baseScore: 0,
      treeStart: Int32Array.of(0, 3),
      feature: Int32Array.of(0, -1, -1),
      threshold: Float32Array.of(0.1, 0, 0),
      left: Int32Array.of(1, 0, 0),
      missingLeft: Uint8Array.of(1, 0, 0),
      value: Float32Array.of(0, -1, 1),
    }
    const at = (x: number): number => predictRowRaw(model, Float32Array.of(x))
    expect([at(0.1), at(0.09999999), at(Number.NaN), at(Infinity), at(-Infinity)]).toEqual([1, -1, -1, 1, -1])
    expect(predictRowRaw({ ...model, missingLeft: new Uint8Array(3) }, Float32Array.of(Number.NaN))).toBe(1)
  })

  it('of the first trees is the score at that round', () => {
    const part = firstTrees(logistic, 7)
    expect(treeCount(part)).toBe(7)
    expect(nestedTrees(part)).toEqual(nestedTrees(logistic).slice(0, 7))
    expect([...predictRaw(firstTrees(logistic, 0), matrix)]).toEqual(
      Array.from({ length: 500 }, () => logistic.baseScore),
    )
  })

  it('of no rows is empty', () => {
    expect(predictRaw(logistic, { ...matrix, rows: 0, values: new Float32Array() })).toEqual(new Float64Array())
  })
})

describe('prediction refuses', () => {
  it('columns that are not the model’s, naming the first that differs', () => {
    const other = { ...matrix, columns: ['c0', 'c2', 'c1', 'c3'] }
    expect(() => predictRaw(logistic, other)).toThrow(
      'trees: matrix.columns[1]="c2": the model was trained with "c1" here. Build the matrix with the bundle\'s encoder',
    )
    const fewer = { columns: ['c0'], rows: 1, values: new Float32Array(1) }
    expect(() => predictRaw(logistic, fewer)).toThrow(
      'trees: matrix.columns[1]=undefined: the model was trained with "c1"',
    )
  })

  it('an output of another length and a row that is too short', () => {
    expect(() => predictRaw(logistic, matrix, new Float64Array(3))).toThrow(
      'trees: out.length=3: must be models x rows = 1 x 500',
    )
    expect(() => predictRow(logistic, new Float32Array(5), 2)).toThrow(
      'trees: row.length=5: must have 4 columns from offset 2 on',
    )
  })
})
