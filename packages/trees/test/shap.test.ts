import { interventionalExplainer, pathDependentExplainer, predictRaw } from '@breakwater/trees'
import type { Explainer, Matrix, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { backgroundWorth, coverWorth, naiveShapley, rowOf } from './naive-shapley.ts'
import type { Worth } from './naive-shapley.ts'
import { explained, modelOfSketches } from './small-models.ts'
import type { Sketch } from './small-models.ts'

/** The two variants: an explainer and what it says that coalitions are worth. */
const VARIANTS: {
  variant: string
  explainer: (model: TreeModel, background: Matrix) => Explainer
  worth: (model: TreeModel, row: Float32Array, background: Matrix) => Worth
}[] = [
  { variant: 'path-dependent', explainer: pathDependentExplainer, worth: coverWorth },
  { variant: 'interventional', explainer: interventionalExplainer, worth: backgroundWorth },
]

/** The contributions of row r. */
function contributionsOf(all: Float64Array, { columns }: Matrix, r: number): number[] {
  return [...all.subarray(r * columns.length, (r + 1) * columns.length)]
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 10): void {
  expect(actual.length).toBe(expected.length)
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, digits)
}

/** The model with column `order[k]` as column k. */
function reorderedModel(model: TreeModel, order: readonly number[]): TreeModel {
  return {
    ...model,
    columns: order.map((c) => model.columns[c] ?? ''),
    feature: model.feature.map((c) => (c < 0 ? c : order.indexOf(c))),
  }
}

function reordered({ columns, rows, values }: Matrix, order: readonly number[]): Matrix {
  const parts = order.flatMap((c) => [...values.subarray(c * rows, (c + 1) * rows)])
  return { columns: order.map((c) => columns[c] ?? ''), rows, values: Float32Array.from(parts) }
}

describe.each(VARIANTS)('$variant contributions', ({ explainer: make, worth }) => {
  it('are the Shapley values that trying every coalition gives, and the base value is that of none', () => {
    fc.assert(
      fc.property(explained, ({ model, rows, background }) => {
        const explainer = make(model, background)
        const all = explainer.contributions(rows)
        const out = new Float64Array(model.columns.length)
        // A few rows: the naive sum is slow.
        for (let r = 0; r < Math.min(3, rows.rows); r++) {
          const game = worth(model, rowOf(rows, r), background)
          expect(explainer.baseValue).toBeCloseTo(game(new Set()), 10)
          const expected = naiveShapley(model.columns.length, game)
          expectClose(contributionsOf(all, rows, r), expected)
          explainer.rowContributions(rowOf(rows, r), out)
          expectClose([...out], expected)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('add up, with the base value, to the raw score', () => {
    fc.assert(
      fc.property(explained, ({ model, rows, background }) => {
        const explainer = make(model, background)
        const all = explainer.contributions(rows)
        for (const [r, score] of predictRaw(model, rows).entries()) {
          const sum = contributionsOf(all, rows, r).reduce((total, x) => total + x, explainer.baseValue)
          expect(Math.abs(sum - score)).toBeLessThan(1e-9)
        }
      }),
    )
  })

  it('are the same row by row and for fewer rows, to 1e-12, and the same bits in either layout', () => {
    fc.assert(
      fc.property(explained, fc.integer({ min: 1, max: 40 }), ({ model, rows, background }, some) => {
        const explainer = make(model, background)
        const all = explainer.contributions(rows)
        const byRow = Float32Array.from(Array.from({ length: rows.rows }, (_, r) => [...rowOf(rows, r)]).flat())
        const width = model.columns.length
        expect(explainer.contributions({ ...rows, values: byRow, layout: 'rows' })).toEqual(all)
        const count = Math.min(some, rows.rows)
        const first: Matrix = { ...rows, rows: count, values: byRow.slice(0, count * width), layout: 'rows' }
        expectClose([...explainer.contributions(first)], Array.from(all.slice(0, count * width)), 12)
        const out = new Float64Array(width)
        for (let r = 0; r < rows.rows; r++) {
          explainer.rowContributions(byRow, out, r * width)
          expectClose([...out], contributionsOf(all, rows, r), 12)
        }
      }),
    )
  })

  it('are 0 for a column that no question asks about', () => {
    fc.assert(
      fc.property(explained, fc.nat(4), ({ model, rows, background }, pick) => {
        const column = pick % model.columns.length
        const without = { ...model, feature: model.feature.map((c) => (c === column ? -1 : c)) }
        const all = make(without, background).contributions(rows)
        for (let r = 0; r < rows.rows; r++) expect(contributionsOf(all, rows, r)[column]).toBe(0)
      }),
    )
  })

  it('permute with the columns', () => {
    const shuffled = explained.chain((problem) =>
      fc
        .shuffledSubarray([...problem.model.columns.keys()], { minLength: problem.model.columns.length })
        .map((order) => ({ ...problem, order })),
    )
    fc.assert(
      fc.property(shuffled, ({ model, rows, background, order }) => {
        const before = make(model, background).contributions(rows)
        const other = reordered(rows, order)
        const after = make(reorderedModel(model, order), reordered(background, order)).contributions(other)
        for (let r = 0; r < rows.rows; r++) {
          const expected = contributionsOf(before, rows, r)
          expect(contributionsOf(after, other, r)).toEqual(order.map((c) => expected[c]))
        }
      }),
    )
  })

  it('of several trees are the sums of those of each', () => {
    fc.assert(
      fc.property(explained, ({ model, trees, rows, background }) => {
        const whole = make(model, background)
        const parts = trees.map((tree) => make(modelOfSketches(model.columns.length, [tree]), background))
        const sum = new Float64Array(rows.rows * model.columns.length)
        for (const part of parts) for (const [i, x] of part.contributions(rows).entries()) sum[i] = (sum[i] ?? 0) + x
        expectClose([...whole.contributions(rows)], [...sum])
        const base = parts.reduce((total, { baseValue }) => total + baseValue, model.baseScore)
        expect(whole.baseValue).toBeCloseTo(base, 10)
      }),
    )
  })

  it('are equal for two columns that play the same part', () => {
    fc.assert(
      fc.property(explained, ({ model, trees, rows, background }) => {
        if (model.columns.length < 2) return
        // Every tree beside itself with the columns exchanged, on rows where both are equal.
        const twice = modelOfSketches(model.columns.length, [...trees, ...trees.map((tree) => exchanged(tree))])
        const other = make(twice, equalFirst(background)).contributions(equalFirst(rows))
        for (let r = 0; r < rows.rows; r++) {
          const [a = 0, b = 1] = contributionsOf(other, rows, r)
          expect(a).toBeCloseTo(b, 10)
        }
      }),
    )
  })
})

/** The tree with columns 0 and 1 exchanged. */
function exchanged(tree: Sketch): Sketch {
  if ('value' in tree) return tree
  const column = tree.column < 2 ? 1 - tree.column : tree.column
  return { ...tree, column, left: exchanged(tree.left), right: exchanged(tree.right) }
}

/** The matrix with column 1 made equal to column 0. */
function equalFirst(matrix: Matrix): Matrix {
  const values = matrix.values.slice()
  values.copyWithin(matrix.rows, 0, matrix.rows)
  return { ...matrix, values }
}
