import type { Matrix, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'

/** A tree to be laid out as arrays. */
export type Sketch =
  | { readonly value: number; readonly cover: number }
  | {
      readonly column: number
      readonly threshold: number
      readonly categories?: readonly number[] | undefined
      readonly missingLeft: boolean
      readonly left: Sketch
      readonly right: Sketch
    }

/** The sum of the covers of a tree's leaves. */
function coverOf(tree: Sketch): number {
  return 'value' in tree ? tree.cover : coverOf(tree.left) + coverOf(tree.right)
}

/** A model of these trees; nodes breadth first. */
export function modelOfSketches(columns: number, trees: readonly Sketch[], baseScore = 0): TreeModel {
  const nodes: { tree: Sketch; left: number }[] = []
  const treeStart = [0]
  for (const tree of trees) {
    const queue = [tree]
    const first = nodes.length
    for (const next of queue) {
      nodes.push({ tree: next, left: 'value' in next ? 0 : first + queue.length })
      if (!('value' in next)) queue.push(next.left, next.right)
    }
    treeStart.push(nodes.length)
  }
  const bits: number[] = []
  const categorySet = nodes.map(({ tree }) => {
    if ('value' in tree || !tree.categories) return -1
    // One word holds the categories 0 to 31.
    return (
      bits.push(
        1,
        tree.categories.reduce((word, c) => word | (1 << c), 0),
      ) - 2
    )
  })
  const branch = (of: (tree: Exclude<Sketch, { value: number }>) => number, leaf: number): number[] =>
    nodes.map(({ tree }) => ('value' in tree ? leaf : of(tree)))
  return {
    objective: 'squared',
    columns: Array.from({ length: columns }, (_, c) => `c${c}`),
    baseScore,
    treeStart: Int32Array.from(treeStart),
    feature: Int32Array.from(branch(({ column }) => column, -1)),
    threshold: Float32Array.from(branch(({ threshold }) => threshold, 0)),
    left: Int32Array.from(nodes, ({ left }) => left),
    missingLeft: Uint8Array.from(branch(({ missingLeft }) => Number(missingLeft), 0)),
    categorySet: Int32Array.from(categorySet),
    categoryBits: Uint32Array.from(bits),
    value: Float32Array.from(nodes, ({ tree }) => ('value' in tree ? tree.value : 0)),
    gain: new Float32Array(nodes.length),
    cover: Float32Array.from(nodes, ({ tree }) => coverOf(tree)),
  }
}

const VALUE = fc.integer({ min: -64, max: 64 }).map((x) => x / 8)
const X = fc.constantFrom(-1, 0, 0.5, 1, 2, 3, 4, Number.NaN, Infinity, -Infinity)

/** A random tree: thresholds, categories, questions for missing values, columns asked again, leaves with cover 0. */
function sketch(columns: number, depth: number): fc.Arbitrary<Sketch> {
  const leaf = fc.record({ value: VALUE, cover: fc.constantFrom(0, 1, 2, 5, 17, 0.25) })
  if (depth === 0) return leaf
  const child = sketch(columns, depth - 1)
  const branch = fc.record({
    column: fc.integer({ min: 0, max: columns - 1 }),
    threshold: fc.constantFrom(0, 0.5, 1, 2, 3, Infinity, -Infinity),
    categories: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 1 }), { nil: undefined }),
    missingLeft: fc.boolean(),
    left: child,
    right: child,
  })
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: branch })
}

/** A model, rows to explain and background rows. */
export interface ExplanationCase {
  readonly model: TreeModel
  readonly trees: readonly Sketch[]
  readonly rows: Matrix
  readonly background: Matrix
}

/** Up to 3 trees of depth up to 5 on up to 5 columns; every tree with a branch has some cover. */
export const explained: fc.Arbitrary<ExplanationCase> = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc
    .record({
      trees: fc.array(sketch(columns, 5), { maxLength: 3 }),
      rows: matrix(columns, 40),
      background: matrix(columns, 6),
      baseScore: VALUE,
    })
    .filter(({ trees }) => trees.every((tree) => 'value' in tree || coverOf(tree) > 0))
    .map(({ trees, baseScore, ...data }) => ({ ...data, trees, model: modelOfSketches(columns, trees, baseScore) })),
)

function matrix(columns: number, maxRows: number): fc.Arbitrary<Matrix> {
  return fc.integer({ min: 1, max: maxRows }).chain((rows) =>
    fc.array(X, { minLength: rows * columns, maxLength: rows * columns }).map((values) => ({
      columns: Array.from({ length: columns }, (_, c) => `c${c}`),
      rows,
      values: Float32Array.from(values),
    })),
  )
}
