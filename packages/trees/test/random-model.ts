import type { Matrix, Objective, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { uniformSource } from './seeded.ts'

/** What a random model looks like. */
export interface ModelShape {
  readonly seed: number
  readonly objective: Objective
  readonly columns: number
  readonly trees: number
  /** Branches of each tree at most; 0 makes single leaves. */
  readonly branches: number
  /** Columns below this number are split on as categories. */
  readonly categoryColumns: number
  /** Category codes below this. */
  readonly categories: number
  /** Always branch from the newest node: as deep as there are branches. */
  readonly deep: boolean
  readonly baseScore: number
}

export const OBJECTIVES: readonly Objective[] = [
  'logistic',
  'squared',
  'absolute',
  'huber',
  'quantile',
  'poisson',
  'custom',
]

/** Shapes of small random models: no trees, single leaves, chains and sets of categories among them. */
export const modelShape: fc.Arbitrary<ModelShape> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  objective: fc.constantFrom(...OBJECTIVES),
  columns: fc.integer({ min: 1, max: 6 }),
  trees: fc.integer({ min: 0, max: 8 }),
  branches: fc.integer({ min: 0, max: 24 }),
  categoryColumns: fc.integer({ min: 0, max: 3 }),
  categories: fc.constantFrom(1, 2, 9, 40, 100),
  deep: fc.boolean(),
  baseScore: fc.float({ min: -4, max: 4, noNaN: true }),
})

const THRESHOLDS = [-Infinity, 0, 2 ** -149, -(2 ** -149), 3.4028234663852886e38, -3.4028234663852886e38, 1, 0.1, 1e-30]

interface NodeArrays {
  readonly feature: number[]
  readonly threshold: number[]
  readonly left: number[]
  readonly missingLeft: number[]
  readonly categorySet: number[]
  readonly value: number[]
  readonly gain: number[]
  readonly cover: number[]
  readonly bits: number[]
}

/** The random model of a shape: the same for the same shape. */
export function randomModel(shape: ModelShape): TreeModel {
  const next = uniformSource(shape.seed)
  const nodes: NodeArrays = {
    feature: [],
    threshold: [],
    left: [],
    missingLeft: [],
    categorySet: [],
    value: [],
    gain: [],
    cover: [],
    bits: [],
  }
  const treeStart = [0]
  for (let t = 0; t < shape.trees; t++) {
    growTree(nodes, shape, next)
    treeStart.push(nodes.feature.length)
  }
  drawSets(nodes, shape.categories, next)
  sumCovers(nodes)
  return {
    objective: shape.objective,
    columns: Array.from({ length: shape.columns }, (_, c) => `c${c}`),
    baseScore: Math.fround(shape.baseScore),
    treeStart: Int32Array.from(treeStart),
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    categorySet: Int32Array.from(nodes.categorySet),
    categoryBits: Uint32Array.from(nodes.bits),
    value: Float32Array.from(nodes.value),
    gain: Float32Array.from(nodes.gain),
    cover: Float32Array.from(nodes.cover),
  }
}

function growTree(nodes: NodeArrays, shape: ModelShape, next: () => number): void {
  const open = [appendLeaf(nodes, next)]
  const branches = shape.deep ? shape.branches : Math.floor(next() * (shape.branches + 1))
  for (let b = 0; b < branches; b++) {
    const at = shape.deep ? open.length - 1 : Math.floor(next() * open.length)
    const [i = 0] = open.splice(at, 1)
    nodes.left[i] = nodes.feature.length
    open.push(appendLeaf(nodes, next), appendLeaf(nodes, next))
    nodes.feature[i] = Math.floor(next() * shape.columns)
    nodes.missingLeft[i] = Number(next() < 0.5)
    nodes.value[i] = 0
    nodes.gain[i] = Math.fround(next() * 9)
    if (nodes.feature[i] >= shape.categoryColumns) {
      nodes.threshold[i] =
        next() < 0.3 ? (THRESHOLDS[Math.floor(next() * THRESHOLDS.length)] as number) : Math.fround(next() * 4 - 2)
    } else nodes.categorySet[i] = 0
  }
}

/** Gives every node marked with set 0 a set of its own, in node order as readers do; never an empty one. */
function drawSets(nodes: NodeArrays, categories: number, next: () => number): void {
  for (const [i, mark] of nodes.categorySet.entries()) {
    if (mark < 0) continue
    const codes = Array.from({ length: categories }, (_, code) => code).filter(() => next() < 0.4)
    if (codes.length === 0) codes.push(Math.floor(next() * categories))
    const words = Array.from({ length: (Math.max(...codes) >>> 5) + 1 }, () => 0)
    for (const code of codes) words[code >>> 5] = ((words[code >>> 5] as number) | (1 << (code & 31))) >>> 0
    nodes.categorySet[i] = nodes.bits.length
    nodes.bits.push(words.length, ...words)
  }
}

/** The cover of a branch is the sum of its children's, as in trained trees. */
function sumCovers({ feature, left, cover }: NodeArrays): void {
  for (let i = feature.length - 1; i >= 0; i--) {
    if ((feature[i] as number) < 0) continue
    const first = left[i] as number
    cover[i] = Math.fround((cover[first] as number) + (cover[first + 1] as number))
  }
}

function appendLeaf(nodes: NodeArrays, next: () => number): number {
  nodes.feature.push(-1)
  nodes.threshold.push(0)
  nodes.left.push(0)
  nodes.missingLeft.push(0)
  nodes.categorySet.push(-1)
  nodes.value.push(Math.fround(next() - 0.5))
  nodes.gain.push(0)
  nodes.cover.push(Math.fround(1 + next() * 99))
  return nodes.feature.length - 1
}

/** Rows for a random model: on its thresholds and one 32-bit float beside them, codes seen and unseen, and what is special. */
export function testingRows(model: TreeModel, { seed, categories }: ModelShape, rows = 40): Matrix {
  const next = uniformSource(seed + 1)
  const thresholds = model.threshold.filter((t, i) => (model.feature[i] as number) >= 0 && Number.isFinite(t))
  const pool = [NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, -1, -0.5, 0.5, 1.5, 2 ** 24, 2 ** 31, 3e38, categories]
  for (const t of thresholds.slice(0, 200)) pool.push(t, nudged(t, 1), nudged(t, -1))
  for (let code = 0; code <= categories; code++) pool.push(code)
  const values = Float32Array.from({ length: rows * model.columns.length }, () =>
    next() < 0.3 ? next() * 5 - 2.5 : (pool[Math.floor(next() * pool.length)] as number),
  )
  return { columns: model.columns, rows, values, layout: 'rows' }
}

const bits = new DataView(new ArrayBuffer(4))

/** The 32-bit float whose bits differ by `by` as an integer. */
function nudged(x: number, by: number): number {
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + by)
  return bits.getFloat32(0)
}
