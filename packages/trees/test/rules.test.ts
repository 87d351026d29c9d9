import { predictRaw, trainBoosted } from '@breakwater/trees'
import type { BoostOptions, Matrix, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'

const SEED = fc.integer({ min: 1, max: 10_000 })

function problem(seed: number, rows = 600): { matrix: Matrix; labels: Float32Array } {
  const matrix = uniformMatrix(rows, 4, { seed, missing: 0.05 })
  const next = uniformSource(seed + 1)
  const labels = labelsOf(matrix, ([a = 0, b = 0, c = 0]) => Math.sin(7 * (a || 0.3)) + (b || 0) * (c || 0) + next())
  return { matrix, labels }
}

const OPTIONS: BoostOptions = { objective: 'squared', rounds: 12, learningRate: 0.3 }

const train = async (matrix: Matrix, labels: Float32Array, options: BoostOptions): Promise<TreeModel> =>
  modelOf(await trainBoosted(matrix, labels, { ...OPTIONS, ...options }))

/** The nodes of a tree from the root to each leaf. */
function paths(model: TreeModel, tree: number): number[][] {
  const walk = (node: number, above: number[]): number[][] => {
    const path = [...above, node]
    if ((model.feature[node] ?? -1) < 0) return [path]
    const left = model.left[node] ?? 0
    return [...walk(left, path), ...walk(left + 1, path)]
  }
  return walk(model.treeStart[tree] ?? 0, [])
}

const allPaths = (model: TreeModel): number[][] =>
  Array.from(model.treeStart.slice(0, -1), (_, tree) => paths(model, tree)).flat()

/** Rows of a matrix in each leaf of a tree. */
function rowsInLeaves(model: TreeModel, { rows, values }: Matrix, tree: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (let r = 0; r < rows; r++) {
    let node = model.treeStart[tree] ?? 0
    while ((model.feature[node] ?? -1) >= 0) {
      const x = values[(model.feature[node] ?? 0) * rows + r] ?? Number.NaN
      const left = Number.isNaN(x) ? model.missingLeft[node] === 1 : x < (model.threshold[node] ?? 0)
      node = (model.left[node] ?? 0) + (left ? 0 : 1)
    }
    counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  return counts
}

describe('limits on a tree', () => {
  it('every leaf has minRowsPerLeaf rows, whatever the objective and the weights', async () => {
    await fc.assert(
      fc.asyncProperty(
        SEED,
        fc.constantFrom('squared' as const, 'logistic' as const, 'poisson' as const, 'absolute' as const),
        fc.constantFrom(2, 7, 40),
        fc.boolean(),
        async (seed, objective, minRowsPerLeaf, weighted) => {
          const { matrix, labels } = problem(seed)
          const next = uniformSource(seed)
          const given = objective === 'logistic' ? labels.map((y) => Number(y > 0.7)) : labels.map((y) => y + 1.1)
          const weights = labels.map(() => 0.1 + 5 * next())
          const options = { objective, minRowsPerLeaf, minChildWeight: 0.001, ...(weighted && { weights }) }
          const model = await train(matrix, given, options)
          for (let tree = 0; tree + 1 < model.treeStart.length; tree++) {
            for (const rows of rowsInLeaves(model, matrix, tree).values()) {
              expect(rows).toBeGreaterThanOrEqual(minRowsPerLeaf)
            }
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it('holds depth and leaves, growing by depth or by leaf', async () => {
    const { matrix, labels } = problem(5)
    for (const growth of ['depth', 'leaf'] as const) {
      for (const maxLeaves of [2, 5, 12]) {
        const model = await train(matrix, labels, { growth, maxLeaves, maxDepth: 4, minRowsPerLeaf: 5 })
        for (let tree = 0; tree + 1 < model.treeStart.length; tree++) {
          const leaves = paths(model, tree)
          expect(leaves.length).toBe(maxLeaves)
          expect(Math.max(...leaves.map((path) => path.length - 1))).toBeLessThanOrEqual(4)
        }
      }
    }
  })

  it('by depth with maxLeaves splits level by level, the larger gain first', async () => {
    const { matrix, labels } = problem(9)
    const options = { rounds: 1, maxDepth: 5, minRowsPerLeaf: 5 }
    const full = await train(matrix, labels, options)
    for (const maxLeaves of [3, 6, 11, 20]) {
      const tree = await train(matrix, labels, { ...options, maxLeaves })
      // Level by level on the full tree's gains, by hand.
      const gains: number[] = []
      for (let level = [0]; level.length > 0 && gains.length + 1 < maxLeaves;) {
        const split = level
          .filter((node) => (full.feature[node] ?? -1) >= 0)
          .toSorted((a, b) => (full.gain[b] ?? 0) - (full.gain[a] ?? 0))
          .slice(0, maxLeaves - 1 - gains.length)
        gains.push(...split.map((node) => full.gain[node] ?? 0))
        level = split.flatMap((node) => [full.left[node] ?? 0, (full.left[node] ?? 0) + 1])
      }
      expect([...tree.gain].filter((gain) => gain > 0).toSorted((a, b) => a - b)).toEqual(
        gains.toSorted((a, b) => a - b),
      )
    }
  })

  it('by leaf splits the largest gain first: a tree of n leaves lies in that of n + 1, which adds the best split', async () => {
    const { matrix, labels } = problem(6)
    const trees = await Promise.all(
      [2, 3, 4, 5, 6, 7].map((maxLeaves) =>
        train(matrix, labels, { growth: 'leaf', maxLeaves, maxDepth: 20, rounds: 1, minRowsPerLeaf: 5 }),
      ),
    )
    const full = await train(matrix, labels, {
      growth: 'leaf',
      maxLeaves: 64,
      maxDepth: 20,
      rounds: 1,
      minRowsPerLeaf: 5,
    })
    // Best first on the full tree's gains, by hand.
    const open = [0]
    const order: number[] = []
    while (order.length < 6) {
      open.sort((a, b) => (full.gain[b] ?? 0) - (full.gain[a] ?? 0))
      const node = open.shift() ?? 0
      order.push(full.gain[node] ?? 0)
      const left = full.left[node] ?? 0
      open.push(...[left, left + 1].filter((child) => (full.feature[child] ?? -1) >= 0))
    }
    for (const [i, tree] of trees.entries()) {
      const gains = [...tree.gain].filter((gain) => gain > 0).toSorted((a, b) => b - a)
      expect(gains).toEqual(order.slice(0, i + 1).toSorted((a, b) => b - a))
    }
  })

  it('minSplitGain, minChildWeight and l1 hold in every branch and leaf', async () => {
    const { matrix, labels } = problem(7)
    const gained = await train(matrix, labels, { minSplitGain: 2 })
    expect(Math.min(...gained.gain.filter((_, n) => (gained.feature[n] ?? -1) >= 0))).toBeGreaterThan(2)
    const heavy = await train(matrix, labels, { minChildWeight: 60 })
    expect(Math.min(...heavy.cover)).toBeGreaterThan(59.99)
    const step = await train(matrix, labels, { maxDeltaStep: 0.05 })
    expect(Math.max(...step.value.map(Math.abs))).toBeLessThan(0.3 * 0.05 + 1e-7)
  })

  it('l1 shrinks a leaf by hand', async () => {
    // Two groups of 50 rows with labels 0 and 1: base 0.5, G = 25 and -25, H = 50.
    const values = Float32Array.from({ length: 100 }, (_, r) => Number(r >= 50))
    const matrix: Matrix = { columns: ['x'], rows: 100, values }
    const model = await train(matrix, values, { rounds: 1, l1: 5, l2: 10, learningRate: 1 })
    expect(Array.from(model.value.slice(1))).toEqual([Math.fround(-20 / 60), Math.fround(20 / 60)])
    // Gain: 2 * 20^2 / 60, and nothing for the parent, whose gradients add up to 0.
    expect(model.gain[0]).toBeCloseTo(800 / 60, 4)
  })
})

/** How many columns these nodes ask for. */
const columnsOf = (model: TreeModel, nodes: readonly number[]): number =>
  new Set(nodes.map((node) => model.feature[node] ?? -1).filter((feature) => feature >= 0)).size

/** The nodes of a tree by depth. */
const levels = (model: TreeModel, tree: number): number[][] => {
  const all = paths(model, tree)
  return Array.from({ length: 6 }, (_, depth) => [...new Set(all.flatMap((path) => path[depth] ?? []))])
}

describe('columns', () => {
  it('constrained to groups meet only within a group on a path', async () => {
    const { matrix, labels } = problem(8)
    const model = await train(matrix, labels, {
      interactions: [
        ['c0', 'c1'],
        ['c1', 'c2'],
      ],
      maxDepth: 5,
      minRowsPerLeaf: 5,
    })
    const groups = [[0, 1], [1, 2], [3]]
    let mixed = 0
    for (const path of allPaths(model)) {
      const used = [...new Set(path.map((node) => model.feature[node] ?? -1).filter((feature) => feature >= 0))]
      expect(groups.some((group) => used.every((feature) => group.includes(feature)))).toBe(true)
      if (used.length > 1) mixed++
    }
    expect(mixed).toBeGreaterThan(0)
  })

  it('sampled per tree, level and node are the only ones used there', async () => {
    const matrix = uniformMatrix(900, 8, { seed: 2 })
    const next = uniformSource(1)
    const labels = labelsOf(matrix, (row) => row.reduce((sum, x) => sum + x, 0) + next())
    const byTree = await train(matrix, labels, { columnSampling: 0.25 })
    const byLevel = await train(matrix, labels, { columnSamplingByLevel: 0.125 })
    const byNode = await train(matrix, labels, { columnSamplingByNode: 0.125 })
    for (let tree = 0; tree < 12; tree++) {
      expect(columnsOf(byTree, paths(byTree, tree).flat())).toBeLessThanOrEqual(2)
      for (const level of levels(byLevel, tree)) expect(columnsOf(byLevel, level)).toBeLessThanOrEqual(1)
    }
    expect(columnsOf(byTree, allPaths(byTree).flat())).toBeGreaterThan(4)
    // One column a node, but not the same one in a whole level.
    expect(Math.max(...levels(byNode, 0).map((level) => columnsOf(byNode, level)))).toBeGreaterThan(1)
  })
})

describe('monotone constraints', () => {
  it('hold for every pair of rows that differ in the column, whatever the other options', async () => {
    await fc.assert(
      fc.asyncProperty(
        SEED,
        fc.constantFrom(1 as const, -1 as const),
        fc.constantFrom<BoostOptions>(
          {},
          { growth: 'leaf', maxLeaves: 12 },
          { objective: 'quantile', quantile: 0.7 },
          { l1: 0.5, maxDeltaStep: 0.4 },
          { dart: { dropRate: 0.3, skipDrop: 0 } },
          { rowSampling: 0.6, columnSampling: 0.75 },
        ),
        async (seed, direction, more) => {
          const { matrix, labels } = problem(seed, 300)
          const model = await train(matrix, labels, { monotone: { c0: direction }, minRowsPerLeaf: 3, ...more })
          const { rows, values } = matrix
          // Each row again with c0 at 21 places.
          const grid: Matrix = { columns: matrix.columns, rows: rows * 21, values: new Float32Array(4 * rows * 21) }
          for (let r = 0; r < rows; r++) {
            for (let k = 0; k < 21; k++) {
              for (let c = 0; c < 4; c++) {
                grid.values[c * grid.rows + 21 * r + k] = c === 0 ? k / 20 : (values[c * rows + r] ?? 0)
              }
            }
          }
          const scores = predictRaw(model, grid)
          for (let i = 1; i < scores.length; i++) {
            if (i % 21 === 0) continue
            const rise = direction * ((scores[i] ?? 0) - (scores[i - 1] ?? 0))
            // Leaves are 32-bit: sums may differ in the last place.
            expect(rise).toBeGreaterThanOrEqual(-1e-6)
          }
        },
      ),
      { numRuns: 18 },
    )
  })

  it('are needed: without them the same data falls somewhere', async () => {
    const { matrix, labels } = problem(11, 300)
    const model = await train(matrix, labels, { minRowsPerLeaf: 3 })
    const line: Matrix = { columns: matrix.columns, rows: 21, values: new Float32Array(84).fill(0.5) }
    for (let k = 0; k < 21; k++) line.values[k] = k / 20
    const scores = predictRaw(model, line)
    expect(scores.some((score, i) => i > 0 && score < (scores[i - 1] ?? 0) - 0.05)).toBe(true)
  })
})
