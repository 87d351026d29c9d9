import { createScorer, predictHeads, predictRowRaw, trainHeads } from '@breakwater/trees'
import type { TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomTrees } from './random-trees.ts'
import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'

const ENGINES = ['wasm', 'reference'] as const

/** Neighbours of a number among the 32-bit floats, itself, and values that are special to a question. */
function nearby(threshold: number): number[] {
  const bits = new Int32Array(1)
  const value = new Float32Array(bits.buffer)
  return [-1, 0, 1].map((step) => {
    value[0] = threshold
    bits[0] = (bits[0] ?? 0) + step
    return value[0] ?? 0
  })
}

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1.401298464324817e-45, 3.4028234663852886e38]
const CATEGORIES = [0, 1, 31, 32, 63, 64, 95, 96, 5.5, -1, 2 ** 32, 2 ** 32 + 1024, 1e20]

/** Scores of every model, by the row walk that the scorer does not share code with. */
function expectedScores(models: readonly TreeModel[], rows: Float32Array, count: number): Float64Array {
  const width = models[0]?.columns.length ?? 0
  return Float64Array.from({ length: models.length * count }, (_, i) =>
    predictRowRaw(models[Math.floor(i / count)] as TreeModel, rows, (i % count) * width),
  )
}

function scored(models: readonly TreeModel[], rows: Float32Array, count: number): Float64Array[] {
  return ENGINES.map((engine) => {
    const out = new Float64Array(models.length * count)
    createScorer(models, { engine }).score(rows, count, out)
    return out
  })
}

describe('a scorer', () => {
  it('gives the bits of the row walk for any trees and values, in both engines', () => {
    const shapes = fc.record({
      columns: fc.integer({ min: 1, max: 4 }),
      trees: fc.integer({ min: 0, max: 40 }),
      depth: fc.constantFrom(0, 1, 3, 4, 5, 6, 7, 8, 9, 12, 32),
      branching: fc.constantFrom(0.6, 0.8, 0.95),
      categorical: fc.constantFrom(0, 0, 0.3),
      pool: fc.array(fc.float(), { minLength: 1, maxLength: 8 }),
      rows: fc.integer({ min: 0, max: 19 }),
      heads: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(shapes, ({ pool, rows, heads, seed, branching, depth, ...shape }) => {
        const thresholds = [...pool, ...SPECIAL]
        const chance = depth > 8 ? Math.min(branching, 0.6) : branching
        const models = Array.from({ length: heads }, (_, h) =>
          randomTrees({ ...shape, depth, thresholds, branching: chance }, seed + h),
        )
        const next = uniformSource(seed)
        const values = [...thresholds.flatMap(nearby), ...CATEGORIES]
        const input = Float32Array.from(
          { length: rows * shape.columns },
          () => values[Math.floor(values.length * next())] ?? 0,
        )
        const expected = expectedScores(models, input, rows)
        for (const out of scored(models, input, rows)) expect(out).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('gives the bits of predictHeads for trained models', async () => {
    const matrix = { ...uniformMatrix(600, 5, { missing: 0.1 }) }
    const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(x > 0.5 === y > 0.3))
    const train = new Uint8Array(600).fill(1)
    const heads = (['logistic', 'squared'] as const).map((objective) => ({ name: objective, objective, labels, train }))
    const models = (await trainHeads(matrix, heads, { rounds: 40 })).map((result) => modelOf(result))
    const rows = Float32Array.from({ length: 600 * 5 }, (_, i) => matrix.values[(i % 5) * 600 + Math.floor(i / 5)] ?? 0)
    const expected = predictHeads(models, matrix)
    for (const out of scored(models, rows, 600)) expect(out).toEqual(expected)
  })

  it('is what predictHeads uses for many rows, in both layouts', () => {
    const rows = 1003
    const columns = 3
    const next = uniformSource(11)
    const shape = { columns, trees: 30, depth: 6, branching: 0.9, thresholds: [0.2, 0.4, 0.6], categorical: 0.1 }
    const models = [randomTrees(shape, 1), randomTrees({ ...shape, depth: 10, branching: 0.7 }, 2)]
    const byRow = Float32Array.from({ length: rows * columns }, () => (next() < 0.1 ? Number.NaN : next()))
    const byColumn = byRow.map((_, i) => byRow[(i % rows) * columns + Math.floor(i / rows)] ?? 0)
    const expected = expectedScores(models, byRow, rows)
    const named = { columns: ['c0', 'c1', 'c2'], rows }
    expect(predictHeads(models, { ...named, values: byRow, layout: 'rows' })).toEqual(expected)
    expect(predictHeads(models, { ...named, values: byColumn })).toEqual(expected)
    expect(predictHeads([], { ...named, values: byColumn })).toEqual(new Float64Array())
  })

  it('holds more different questions than 16 bits number, in many trees and in one', () => {
    const next = uniformSource(3)
    const thresholds = Float32Array.from({ length: 200_000 }, () => next() - 0.5)
    const many = randomTrees({ columns: 2, trees: 450, depth: 8, branching: 0.98, thresholds }, 4)
    const one = randomTrees({ columns: 2, trees: 1, depth: 17, branching: 1, thresholds }, 5)
    const rows = Float32Array.from({ length: 2 * 9 }, (_, i) => (i % 7 === 0 ? Number.NaN : next() - 0.5))
    expect(many.feature.length + one.feature.length).toBeGreaterThan(390_000)
    const expected = expectedScores([many, one, many], rows, 9)
    for (const out of scored([many, one, many], rows, 9)) expect(out).toEqual(expected)
  })

  it('of an unbalanced tree of depth 32 follows the longest way', () => {
    const thresholds = Array.from({ length: 32 }, (_, i) => i)
    const nodes = thresholds.flatMap((_, i) => [i, -1])
    const chain: TreeModel = {
      ...randomTrees({ columns: 1, trees: 1, depth: 0, branching: 0, thresholds }, 1),
      baseScore: 0,
      treeStart: Int32Array.of(0, 65),
      // Node 0 branches; of each pair of children the left is a leaf and the right the next branch.
      feature: Int32Array.from({ length: 65 }, (_, i) => (i % 2 === 0 && i < 64 ? 0 : -1)),
      threshold: Float32Array.from({ length: 65 }, (_, i) => (i % 2 === 0 ? i / 2 : 0)),
      left: Int32Array.from({ length: 65 }, (_, i) => (i % 2 === 0 && i < 64 ? i + 1 : 0)),
      missingLeft: new Uint8Array(65),
      categorySet: new Int32Array(65).fill(-1),
      value: Float32Array.from({ length: 65 }, (_, i) => i),
    }
    expect(nodes).toHaveLength(64)
    const rows = Float32Array.of(-1, 0, 0.5, 15, 30.5, 31, 1000, Number.NaN, 7)
    for (const out of scored([chain], rows, 9)) expect([...out]).toEqual([1, 3, 3, 33, 63, 64, 64, 64, 17])
  })

  it('reads and writes only what it is given, also when called again with fewer rows', () => {
    const model = randomTrees({ columns: 3, trees: 20, depth: 6, branching: 0.9, thresholds: [0, 1, 2] }, 7)
    const rows = Float32Array.from({ length: 30 }, (_, i) => (i * 7) % 4)
    for (const engine of ENGINES) {
      const scorer = createScorer([model, model], { engine })
      const before = rows.slice()
      const out = new Float64Array(40).fill(-9)
      scorer.score(rows, 10, out)
      expect(out.subarray(0, 20)).toEqual(expectedScores([model, model], rows, 10))
      for (const count of [1, 4, 5]) {
        scorer.score(rows, count, out.fill(-9))
        expect(out.subarray(0, 2 * count)).toEqual(expectedScores([model, model], rows, count))
        expect([...out.subarray(2 * count)].every((score) => score === -9)).toBe(true)
      }
      expect(rows).toEqual(before)
    }
  })

  it('copies its models', () => {
    const model = randomTrees({ columns: 1, trees: 3, depth: 2, branching: 1, thresholds: [0] }, 1)
    const scorer = createScorer([model])
    const expected = expectedScores([model], Float32Array.of(1), 1)
    model.value.fill(9)
    const out = new Float64Array(1)
    scorer.score(Float32Array.of(1), 1, out)
    expect(out).toEqual(expected)
  })

  it('says what it is: columns, heads, engine and bytes', () => {
    const model = randomTrees({ columns: 2, trees: 3, depth: 2, branching: 1, thresholds: [0] }, 1)
    expect(createScorer([model])).toMatchObject({ columns: ['c0', 'c1'], heads: 1, engine: 'wasm' })
    const plain = createScorer([model, model], { engine: 'reference' })
    expect(plain).toMatchObject({ heads: 2, engine: 'reference' })
    expect(plain.bytes).toBeGreaterThan(1000)
  })
})

describe('a scorer refuses', () => {
  const model = randomTrees({ columns: 2, trees: 1, depth: 1, branching: 1, thresholds: [0] }, 1)

  it('no models, and models over other columns', () => {
    expect(() => createScorer([])).toThrow('trees: models=[]: must have at least one model. Load or train one first')
    expect(() => createScorer([model, { ...model, columns: ['c0', 'x'] }])).toThrow(
      'trees: models[1].columns[1]="x": models[0] has "c1" here. Make a scorer for each list of columns',
    )
    expect(() => createScorer([model, { ...model, columns: ['c0'] }])).toThrow(
      'trees: models[1].columns[1]=undefined: models[0] has "c1" here. Make a scorer for each list of columns',
    )
  })

  it('a count that is none and arrays that are too short', () => {
    const scorer = createScorer([model])
    const rows = new Float32Array(4)
    const out = new Float64Array(2)
    expect(() => scorer.score(rows, 1.5, out)).toThrow(
      'trees: count=1.5: must be an integer of at least 0, the number of rows',
    )
    expect(() => scorer.score(rows, 3, out)).toThrow('trees: rows.length=4: must have 3 rows of 2 columns')
    expect(() => scorer.score(rows, 2, new Float64Array(1))).toThrow('trees: out.length=1: must have 1 heads x 2 rows')
  })
})
