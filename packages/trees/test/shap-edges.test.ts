import { firstTrees, interventionalExplainer, pathDependentExplainer, predictRaw, trainHeads } from '@breakwater/trees'
import type { Explainer, Matrix, TreeModel } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'

import { coverWorth, naiveShapley, rowOf } from './naive-shapley.ts'
import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'
import { modelOfSketches } from './small-models.ts'
import type { Sketch } from './small-models.ts'

const leaf = (value: number, cover: number): Sketch => ({ value, cover })

function branch(column: number, left: Sketch, right: Sketch, threshold = 0.5): Sketch {
  return { column, threshold, missingLeft: false, left, right }
}

function oneRow(values: readonly number[]): Matrix {
  return { columns: values.map((_, c) => `c${c}`), rows: 1, values: Float32Array.from(values), layout: 'rows' }
}

/** A tree that is one path: the questions go right at every column of `columns` in turn, to `end`. */
function chain(columns: readonly number[], next: () => number, end: Sketch): Sketch {
  return columns.reduceRight(
    (below, column) => branch(column, leaf(4 * next() - 2, 1 + Math.floor(50 * next())), below, 0.3 + next() / 4),
    end,
  )
}

/**
 * The Shapley values of one leaf by coalition sizes: e[k] sums, over the coalitions of k of the other columns, what the
 * leaf's product is for them; no division, no subtraction. `o` and `z` are a column's factor inside and outside.
 */
function sharesBySize(value: number, o: readonly number[], z: readonly number[]): number[] {
  const count = o.length
  return o.map((mine, i) => {
    let e = [1]
    for (const [j, inside] of o.entries()) {
      if (j === i) continue
      e = [...e, 0].map((x, k) => x * (z[j] ?? 0) + (e[k - 1] ?? 0) * inside)
    }
    let weight = 1 / count
    let sum = 0
    for (const [k, x] of e.entries()) {
      sum += weight * x
      weight *= (k + 1) / (count - 1 - k)
    }
    return value * (mine - (z[i] ?? 0)) * sum
  })
}

/** The contributions of a model, leaf by leaf; `factor` is a column's factor where it is outside the coalition. */
function contributionsBySize(
  model: TreeModel,
  row: Float32Array,
  outside: (node: number, child: number) => number,
): number[] {
  const sums = model.columns.map(() => 0)
  const visit = (node: number, o: Map<number, number>, z: Map<number, number>): void => {
    const column = model.feature[node] ?? -1
    if (column < 0) {
      const keys = [...o.keys()]
      const shares = sharesBySize(model.value[node] ?? 0, [...o.values()], [...z.values()])
      for (const [k, c] of keys.entries()) sums[c] = (sums[c] ?? 0) + (shares[k] ?? 0)
      return
    }
    const left = model.left[node] ?? 0
    const answer = (row[column] ?? 0) < (model.threshold[node] ?? 0) ? left : left + 1
    for (const child of [left, left + 1]) {
      const own = (o.get(column) ?? 1) * Number(child === answer)
      visit(
        child,
        new Map([...o, [column, own]]),
        new Map([...z, [column, (z.get(column) ?? 1) * outside(node, child)]]),
      )
    }
  }
  visit(0, new Map(), new Map())
  return sums
}

function coverShare({ left, cover }: TreeModel, node: number, child: number): number {
  const [a = 0, b = 0] = cover.slice(left[node], (left[node] ?? 0) + 2)
  return (cover[child] ?? 0) / (a + b)
}

function expectSplit(explainer: Explainer, model: TreeModel, rows: Matrix): void {
  const all = explainer.contributions(rows)
  const width = model.columns.length
  for (const [r, score] of predictRaw(model, rows).entries()) {
    const sum = all.subarray(r * width, (r + 1) * width).reduce((total, x) => total + x, explainer.baseValue)
    expect(Math.abs(sum - score)).toBeLessThan(1e-9)
  }
}

describe('contributions of unusual trees', () => {
  it('of 32 different columns on one path match the sum by coalition sizes to 1e-12', () => {
    const next = uniformSource(3)
    const columns = Array.from({ length: 32 }, (_, c) => c)
    const model = modelOfSketches(32, [chain(columns, next, leaf(5, 400))])
    const background = oneRow(columns.map((c) => Number(c % 3 !== 0)))
    for (const high of [32, 31, 20, 3, 0]) {
      const row = Float32Array.from(columns, (c) => (c < high ? 0.9 : 0.1))
      const own = [...pathDependentExplainer(model).contributions(oneRow([...row]))]
      const expected = contributionsBySize(model, row, (node, child) => coverShare(model, node, child))
      for (const [c, x] of expected.entries()) expect(Math.abs((own[c] ?? 0) - x)).toBeLessThan(1e-12)
      const against = [...interventionalExplainer(model, background).contributions(oneRow([...row]))]
      const other = contributionsBySize(model, row, (node, child) => {
        const goesLeft = (background.values[model.feature[node] ?? 0] ?? 0) < (model.threshold[node] ?? 0)
        return Number(child === (model.left[node] ?? 0) + Number(!goesLeft))
      })
      for (const [c, x] of other.entries()) expect(Math.abs((against[c] ?? 0) - x)).toBeLessThan(1e-12)
    }
  })

  it('of 120 questions that come back to 10 columns match every coalition tried', () => {
    const next = uniformSource(4)
    const asked = Array.from({ length: 120 }, () => Math.floor(10 * next()))
    const model = modelOfSketches(10, [chain(asked, next, leaf(3, 40))])
    for (const x of [0.9, 0.45, 0.4]) {
      const row = Float32Array.from({ length: 10 }, (_, c) => (c % 2 === 0 ? 0.9 : x))
      const own = [...pathDependentExplainer(model).contributions(oneRow([...row]))]
      const expected = naiveShapley(10, coverWorth(model, row))
      for (const [c, value] of expected.entries()) expect(own[c]).toBeCloseTo(value, 11)
    }
  })

  it('are none for no trees and for single leaves, and the base value is the score', () => {
    const bare = modelOfSketches(2, [], 1.5)
    const leaves = modelOfSketches(2, [leaf(2, 0), leaf(-0.25, 7)], 1.5)
    for (const [model, score] of [
      [bare, 1.5],
      [leaves, 3.25],
    ] as const) {
      for (const explainer of [pathDependentExplainer(model), interventionalExplainer(model, oneRow([1, 2]))]) {
        expect(explainer.baseValue).toBe(score)
        expect([...explainer.contributions(oneRow([Number.NaN, 3]))]).toEqual([0, 0])
      }
    }
  })

  it('follow a row into a branch that no training row reached, where both ways count the same', () => {
    const unreached = branch(1, leaf(10, 0), leaf(20, 0))
    const model = modelOfSketches(2, [branch(0, leaf(1, 8), unreached)])
    const explainer = pathDependentExplainer(model)
    expect(explainer.baseValue).toBe(1)
    // Worths: none 1, {c0} 15, {c1} 1, both 20: c0 gets (14 + 19) / 2, c1 gets (0 + 5) / 2.
    const [first, second] = explainer.contributions(oneRow([0.9, 0.9]))
    expect(first).toBeCloseTo(16.5, 12)
    expect(second).toBeCloseTo(2.5, 12)
  })

  it('of no rows are empty', () => {
    const model = modelOfSketches(1, [branch(0, leaf(1, 8), leaf(2, 3))])
    const none: Matrix = { columns: ['c0'], rows: 0, values: new Float32Array() }
    expect(pathDependentExplainer(model).contributions(none)).toEqual(new Float64Array())
  })
})

describe('contributions of trained models', () => {
  it('add up to the raw score, in batches of several blocks and in single rows', async () => {
    const matrix = uniformMatrix(20_000, 4, { missing: 0.1 })
    const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(x > 0.5 === y > 0.3))
    const train = new Uint8Array(20_000).fill(1)
    const [head] = await trainHeads(matrix, [{ name: 'a', objective: 'logistic', labels, train }], { rounds: 20 })
    const model = modelOf(head)
    const few: Matrix = uniformMatrix(70, 4, { seed: 2 })
    for (const explainer of [pathDependentExplainer(model), interventionalExplainer(model, few)]) {
      expectSplit(explainer, model, matrix)
      const all = explainer.contributions(matrix)
      const out = new Float64Array(4)
      for (const r of [0, 1, 8000, 9000, 19_999]) {
        explainer.rowContributions(rowOf(matrix, r), out)
        for (const [c, x] of out.entries()) expect(x).toBeCloseTo(all[4 * r + c] ?? Number.NaN, 12)
      }
    }
  })

  it('write into the arrays they are given and nowhere else', () => {
    const model = modelOfSketches(2, [branch(0, leaf(1, 8), leaf(3, 8))])
    const explainer = pathDependentExplainer(model)
    const out = new Float64Array(2).fill(9)
    expect(explainer.contributions(oneRow([0.9, 0]), out)).toBe(out)
    expect([...out]).toEqual([1, 0])
    const wide = new Float64Array(3).fill(9)
    explainer.rowContributions(Float32Array.of(7, 0.1, 7), wide, 1)
    expect([...wide]).toEqual([-1, 0, 9])
  })
})

describe('explainers refuse', () => {
  const model = modelOfSketches(2, [branch(0, leaf(1, 8), leaf(3, 8))])

  it('more than 32 different columns on a path', () => {
    const columns = Array.from({ length: 33 }, (_, c) => c)
    const deep = modelOfSketches(33, [chain(columns, uniformSource(1), leaf(1, 1))])
    expect(() => pathDependentExplainer(deep)).toThrow(
      'trees: model: the path to node 64 splits on more than 32 different columns: contributions need at most that many',
    )
    expect(pathDependentExplainer(firstTrees(deep, 0)).baseValue).toBe(0)
  })

  it('a model without covers, or with covers that are none', () => {
    expect(() => pathDependentExplainer({ ...model, cover: new Float32Array(3) })).toThrow(
      'trees: model.cover: tree 0 has no cover at its root: path-dependent contributions weigh by cover. ' +
        'Use interventionalExplainer with background rows',
    )
    expect(() => pathDependentExplainer({ ...model, cover: Float32Array.of(1, -1, 2) })).toThrow(
      'trees: model.cover[1]=-1: must be a finite number of at least 0',
    )
    expect(() => pathDependentExplainer({ ...model, cover: Float32Array.of(1, 1, Number.NaN) })).toThrow(
      'trees: model.cover[2]=NaN: must be a finite number of at least 0',
    )
    const uncovered = { ...model, cover: new Float32Array(3) }
    expect([...interventionalExplainer(uncovered, oneRow([0, 0])).contributions(oneRow([1, 0]))]).toEqual([2, 0])
  })

  it('a background without rows or with other columns', () => {
    expect(() => interventionalExplainer(model, { ...oneRow([0, 0]), rows: 0, values: new Float32Array() })).toThrow(
      'trees: background.rows=0: must be at least 1. Pass rows that represent the usual input',
    )
    expect(() => interventionalExplainer(model, oneRow([0]))).toThrow('trees: matrix.columns[1]=undefined')
  })

  it('rows with other columns and arrays of other lengths', () => {
    const explainer = pathDependentExplainer(model)
    expect(() => explainer.contributions(oneRow([0]))).toThrow('trees: matrix.columns[1]=undefined')
    expect(() => explainer.contributions(oneRow([0, 0]), new Float64Array(3))).toThrow(
      'trees: out.length=3: must be rows x columns = 1 x 2',
    )
    expect(() => explainer.rowContributions(new Float32Array(3), new Float64Array(2), 2)).toThrow(
      'trees: row.length=3: must have 2 columns from offset 2 on',
    )
    expect(() => explainer.rowContributions(new Float32Array(2), new Float64Array(1))).toThrow(
      'trees: out.length=1: must have 2 contributions',
    )
  })
})
