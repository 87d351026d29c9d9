import { permutationImportance, predict, trainBoosted } from '@breakwater/trees'
import type { Matrix, PermutationMetric, TreeModel } from '@breakwater/trees'
import { beforeAll, describe, expect, it } from 'vitest'

import { labelsOf, mask, modelOf, uniformMatrix, uniformSource } from './seeded.ts'
import { modelOfSketches } from './small-models.ts'
import type { Sketch } from './small-models.ts'

const ROWS = 2000
const matrix = uniformMatrix(ROWS, 5, { seed: 7, missing: 0.05 })
const test = mask(ROWS, (r) => r >= 1500)
let labels: Float32Array
let model: TreeModel

beforeAll(async () => {
  const next = uniformSource(8)
  // c0 matters most, then c1; c2 to c4 not at all.
  labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(2 * (x || 0.5) + (y || 0.5) + 0.6 * next() > 1.8))
  const train = mask(ROWS, (r) => r < 1500)
  model = modelOf(await trainBoosted(matrix, labels, { rounds: 40, maxDepth: 3, train }))
})

/** -log likelihood, straight from the formula. */
function naiveLogLoss(truth: ArrayLike<number>, p: Float64Array): number {
  return p.reduce((sum, x, r) => sum - Math.log(truth[r] === 1 ? x : 1 - x), 0) / p.length
}

describe('permutation importance', () => {
  it('ranks planted columns, gives noise about 0 and unused columns exactly 0', () => {
    const { baseline, groups } = permutationImportance(model, matrix, labels, {
      metric: 'auc',
      mask: test,
      repeats: 10,
    })
    expect(baseline).toBeGreaterThan(0.9)
    expect(groups.slice(0, 2).map(({ name }) => name)).toEqual(['c0', 'c1'])
    const [first, second, ...noise] = groups
    expect(first?.mean).toBeGreaterThan(0.2)
    expect(second?.mean).toBeGreaterThan(0.03)
    for (const { mean, spread } of noise) {
      expect(Math.abs(mean)).toBeLessThan(0.01)
      expect(spread).toBeLessThan(0.01)
    }
    const without = { ...model, feature: model.feature.map((c) => (c === 0 ? -1 : c)) }
    const unused = permutationImportance(without, matrix, labels, { metric: 'auc' }).groups.find((g) => g.name === 'c0')
    expect(unused).toEqual({ name: 'c0', columns: ['c0'], mean: 0, spread: 0, drops: new Float64Array(5) })
  })

  it('is the mean and the sample deviation of the drops, on a metric of one’s own as on a named one', () => {
    const own: PermutationMetric = { higherIsBetter: false, measure: naiveLogLoss }
    const settings = { mask: test, repeats: 4, seed: 3 }
    const named = permutationImportance(model, matrix, labels, { metric: 'logLoss', ...settings })
    const given = permutationImportance(model, matrix, labels, { metric: own, ...settings })
    const rows = predict(model, matrix).slice(1500)
    expect(named.baseline).toBeCloseTo(naiveLogLoss(labels.slice(1500), rows), 12)
    for (const [g, group] of named.groups.entries()) {
      const drops = [...group.drops]
      expect(drops.length).toBe(4)
      const mean = drops.reduce((sum, x) => sum + x, 0) / 4
      expect(group.mean).toBeCloseTo(mean, 12)
      expect(group.spread).toBeCloseTo(Math.sqrt(drops.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3), 12)
      expect(given.groups[g]?.mean).toBeCloseTo(group.mean, 10)
    }
    const opposite = { ...own, higherIsBetter: true }
    const negated = permutationImportance(model, matrix, labels, { metric: opposite, ...settings })
    expect(negated.groups.find(({ name }) => name === 'c0')?.mean).toBe(-(given.groups[0]?.mean ?? 0))
  })

  it('approaches the mean over every pairing of values with rows', () => {
    // 60 rows of squared error: the expected loss under a uniform permutation pairs each row with each value equally often.
    const small = firstRows(60)
    const truth = labels.slice(0, 60)
    const base = predict(model, small)
    let expected = 0
    for (let r = 0; r < 60; r++) {
      for (let other = 0; other < 60; other++) {
        const values = small.values.slice()
        values[r] = small.values[other] ?? 0
        expected += ((predict(model, { ...small, values })[r] ?? 0) - (truth[r] ?? 0)) ** 2 / 3600
      }
    }
    const baseline = base.reduce((sum, p, r) => sum + (p - (truth[r] ?? 0)) ** 2, 0) / 60
    const result = permutationImportance(model, small, truth, { metric: 'squaredError', repeats: 400 })
    const group = result.groups.find(({ name }) => name === 'c0')
    expect(result.baseline).toBeCloseTo(baseline, 12)
    expect(Math.abs((group?.mean ?? 0) - (expected - baseline))).toBeLessThan((4 * (group?.spread ?? 0)) / 20)
  })

  it('repeats with the seed and does not depend on the other groups or on the layout', () => {
    const settings = { metric: 'brier', mask: test, seed: 5 } as const
    const once = permutationImportance(model, matrix, labels, settings)
    expect(permutationImportance(model, matrix, labels, settings)).toEqual(once)
    expect(permutationImportance(model, matrix, labels, { ...settings, seed: 6 })).not.toEqual(once)
    const grouped = permutationImportance(model, matrix, labels, { ...settings, groups: { noise: ['c3', 'c2'] } })
    expect(grouped.groups.map(({ name }) => name).toSorted()).toEqual(['c0', 'c1', 'c4', 'noise'])
    expect(grouped.groups[0]).toEqual(once.groups[0])
    const values = Float32Array.from(
      { length: matrix.values.length },
      (_, i) => matrix.values[(i % 5) * ROWS + Math.floor(i / 5)] ?? 0,
    )
    expect(permutationImportance(model, { ...matrix, values, layout: 'rows' }, labels, settings)).toEqual(once)
  })

  it('of a group shuffles its columns together: copies that hide each other show up', () => {
    const values = matrix.values.slice()
    values.copyWithin(ROWS, 0, ROWS)
    const copies = { ...matrix, values }
    const truth = labelsOf(copies, ([x = 0]) => (x >= 0.5 ? 2 : -2))
    const groups = { copies: ['c0', 'c1'] }
    const settings = { metric: 'squaredError', repeats: 20 } as const
    // Half the rows change sides: by 2 of 4 with one copy alone, by 4 with both, so 2 against 8 in squares.
    const sum = modelOfSketches(5, [step(0, 1), step(1, 1)])
    const alone = permutationImportance(sum, copies, truth, settings)
    const together = permutationImportance(sum, copies, truth, { ...settings, groups })
    expect(alone.baseline).toBe(0)
    expect(alone.groups.map(({ mean }) => Math.round(10 * mean) / 10)).toEqual([2, 2, 0, 0, 0])
    expect(together.groups.map(({ name, mean }) => [name, Math.round(mean)]).slice(0, 2)).toEqual([
      ['copies', 8],
      ['c2', 0],
    ])
    // A row keeps its values of a group side by side: the difference of copies stays 0.
    const difference = modelOfSketches(5, [step(0, 1), step(1, -1)])
    const apart = permutationImportance(difference, copies, truth, settings)
    const kept = permutationImportance(difference, copies, truth, { ...settings, groups })
    expect(apart.groups.filter(({ mean }) => Math.abs(mean) > 0.5).map(({ name }) => name)).toEqual(['c0', 'c1'])
    expect(kept.groups[0]?.drops).toEqual(new Float64Array(20))
  })

  it('counts a row of weight 2 as two rows, and one of weight 0 not at all', () => {
    const small = firstRows(40)
    const truth = labels.slice(0, 40)
    const weights = Float32Array.from({ length: 40 }, (_, r) => r % 3)
    const rows = Array.from({ length: 40 }, (_, r) => r).flatMap((r) => Array.from({ length: r % 3 }, () => r))
    const repeated: Matrix = {
      columns: small.columns,
      rows: rows.length,
      values: Float32Array.from(small.columns.flatMap((_, c) => rows.map((r) => small.values[c * 40 + r] ?? 0))),
    }
    const repeatedTruth = Float32Array.from(rows, (r) => truth[r] ?? 0)
    for (const metric of ['logLoss', 'brier', 'auc', 'absoluteError', 'poissonDeviance'] as const) {
      const weighted = permutationImportance(model, small, truth, { metric, weights, repeats: 1 })
      const plain = permutationImportance(model, repeated, repeatedTruth, { metric, repeats: 1 })
      expect(weighted.baseline).toBeCloseTo(plain.baseline, 12)
    }
  })
})

/** A tree that gives -value below 0.5 in a column and where it is missing, and value from there on. */
function step(column: number, value: number): Sketch {
  const leaf = (sign: number): Sketch => ({ value: sign * value, cover: 1 })
  return { column, threshold: 0.5, missingLeft: true, left: leaf(-1), right: leaf(1) }
}

/** Rows 0 to `count` (exclusive). */
function firstRows(count: number): Matrix {
  const parts = matrix.columns.flatMap((_, c) => [...matrix.values.subarray(c * ROWS, c * ROWS + count)])
  return { columns: matrix.columns, rows: count, values: Float32Array.from(parts) }
}

describe('permutation importance refuses', () => {
  it.each([
    ['repeats=0: must be an integer of at least 1', { repeats: 0 }],
    ['seed=0.5: must be an integer', { seed: 0.5 }],
    ["mask.length=3: must be the matrix's 2000 rows", { mask: new Uint8Array(3) }],
    ["weights.length=1: must be the matrix's 2000 rows", { weights: new Float32Array(1) }],
    ['mask: selects none of the rows. Importance needs at least one', { mask: new Uint8Array(ROWS) }],
    ['weights: are 0 on every measured row. Give some row a weight', { weights: new Float32Array(ROWS) }],
    ['weights[0]=-1: must be a finite number of at least 0', { weights: new Float32Array(ROWS).fill(-1) }],
    ['groups["g"]=[]: must name a column', { groups: { g: [] } }],
    ['groups["g"]: "x" is not a column of the model. Check the spelling', { groups: { g: ['x'] } }],
    [
      'groups["h"]: "c0" is in group "g" too. A column belongs to one group at most',
      { groups: { g: ['c0'], h: ['c0'] } },
    ],
    ['groups["c1"]: a column outside the group has its name. Rename it', { groups: { c1: ['c0'] } }],
  ])('%s', (message, options) => {
    expect(() => permutationImportance(model, matrix, labels, { metric: 'logLoss', ...options })).toThrow(
      `trees: ${message}`,
    )
  })

  it('labels that are not numbers under the mask, and rows of one class for auc', () => {
    const broken = labels.slice()
    broken[3] = Number.NaN
    expect(() => permutationImportance(model, matrix, broken, { metric: 'brier' })).toThrow(
      'trees: labels[3]=NaN: must be finite. Leave the row out of the mask',
    )
    const masked = permutationImportance(model, matrix, broken, { metric: 'brier', mask: mask(ROWS, (r) => r !== 3) })
    expect(masked.baseline).toBeGreaterThan(0)
    expect(() => permutationImportance(model, matrix, labels.slice(1), { metric: 'auc' })).toThrow(
      "trees: labels.length=1999: must be the matrix's 2000 rows",
    )
    expect(() => permutationImportance(model, matrix, new Float32Array(ROWS), { metric: 'auc' })).toThrow(
      'trees: metric: gave NaN on 2000 rows: must be finite. AUC needs both classes among the rows',
    )
    expect(() => permutationImportance(model, matrix, new Float32Array(ROWS).fill(0.5), { metric: 'auc' })).toThrow(
      'trees: labels: 0.5 among the measured rows: auc needs labels 0 and 1',
    )
  })
})
