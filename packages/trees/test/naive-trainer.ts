import type { Head, Matrix, TreeModel } from '@breakwater/trees'

/** A tree as nested plain objects, easy to build recursively and to compare. */
export type NaiveTree =
  | { readonly value: number; readonly cover: number }
  | {
      readonly column: number
      readonly threshold: number
      readonly missingLeft: boolean
      readonly gain: number
      readonly cover: number
      readonly left: NaiveTree
      readonly right: NaiveTree
    }

/** The settings the naive trainer knows; no sampling, no early stopping. */
export interface NaiveOptions {
  readonly rounds: number
  readonly learningRate: number
  readonly maxDepth: number
  readonly l2: number
  readonly minSplitGain: number
  readonly minChildWeight: number
  readonly minRowsPerLeaf: number
  readonly l1?: number
  readonly maxDeltaStep?: number
  /** By column 1 (rising), -1 (falling) or 0. */
  readonly monotone?: readonly number[]
}

/** The values a leaf may take. */
type Range = readonly [low: number, high: number]

const ANY: Range = [-Infinity, Infinity]

/** Two gains of one column, or of two, closer than this (relative) are a tie; the first candidate wins. */
const TIE = 1e-7
const COLUMN_TIE = 1e-5

/** A gain this small is what rounding makes of 0. */
const NOISE = 1e-7

/**
 * The textbook trainer, slow and plain: for every node, column and cut it sums the rows on both sides again. It reads
 * raw values, never bins, and knows nothing of histograms, subtraction or fixed point.
 */
export function naiveTrain(
  matrix: Matrix,
  cuts: readonly Float32Array[],
  head: Head,
  options: NaiveOptions,
): NaiveTree[] {
  const rows = Array.from({ length: matrix.rows }, (_, r) => r).filter(
    (r) => head.train[r] === 1 && head.weights?.[r] !== 0,
  )
  const weight = (r: number): number => head.weights?.[r] ?? 1
  const label = (r: number): number => head.labels[r] ?? Number.NaN
  const total = rows.reduce((sum, r) => sum + weight(r), 0)
  const mean = rows.reduce((sum, r) => sum + weight(r) * label(r), 0) / total
  const scores = new Map(rows.map((r) => [r, head.objective === 'logistic' ? Math.log(mean / (1 - mean)) : mean]))
  const trees: NaiveTree[] = []
  for (let round = 0; round < options.rounds; round++) {
    const derivatives = new Map(
      rows.map((r) => {
        const s = scores.get(r) ?? Number.NaN
        const p = 1 / (1 + Math.exp(-s))
        return head.objective === 'logistic'
          ? [r, { g: weight(r) * (p - label(r)), h: weight(r) * p * (1 - p) }]
          : [r, { g: weight(r) * (s - label(r)), h: weight(r) }]
      }),
    )
    const tree = new NaiveGrower(matrix, cuts, derivatives, options).grow(rows, 0, ANY)
    if ('value' in tree) break
    trees.push(tree)
    for (const r of rows) scores.set(r, (scores.get(r) ?? Number.NaN) + naiveLeaf(tree, (c) => at(matrix, c, r)))
  }
  return trees
}

/** The value of the leaf that a row of values reaches. */
export function naiveLeaf(tree: NaiveTree, value: (column: number) => number): number {
  if ('value' in tree) return tree.value
  const x = value(tree.column)
  return naiveLeaf((Number.isNaN(x) ? tree.missingLeft : x < tree.threshold) ? tree.left : tree.right, value)
}

/** A model's trees in the same nested form. */
export function nestedTrees(model: TreeModel): NaiveTree[] {
  const nested = (node: number): NaiveTree => {
    const cover = model.cover[node] ?? Number.NaN
    const column = model.feature[node] ?? -1
    if (column < 0) return { value: model.value[node] ?? Number.NaN, cover }
    const left = model.left[node] ?? -1
    return {
      column,
      threshold: model.threshold[node] ?? Number.NaN,
      missingLeft: model.missingLeft[node] === 1,
      gain: model.gain[node] ?? Number.NaN,
      cover,
      left: nested(left),
      right: nested(left + 1),
    }
  }
  return Array.from(model.treeStart.slice(0, -1), (root) => nested(root))
}

function at(matrix: Matrix, column: number, row: number): number {
  return matrix.values[column * matrix.rows + row] ?? Number.NaN
}

interface Candidate {
  readonly column: number
  readonly threshold: number
  readonly missingLeft: boolean
}

class NaiveGrower {
  private readonly matrix: Matrix
  private readonly cuts: readonly Float32Array[]
  private readonly derivatives: ReadonlyMap<number, { readonly g: number; readonly h: number }>
  private readonly options: NaiveOptions

  constructor(
    matrix: Matrix,
    cuts: readonly Float32Array[],
    derivatives: ReadonlyMap<number, { readonly g: number; readonly h: number }>,
    options: NaiveOptions,
  ) {
    this.matrix = matrix
    this.cuts = cuts
    this.derivatives = derivatives
    this.options = options
  }

  grow(rows: readonly number[], depth: number, range: Range): NaiveTree {
    const { l2, learningRate, maxDepth, minSplitGain } = this.options
    const { g, h } = this.sums(rows)
    const leaf = { value: Math.fround(learningRate * this.weight(rows, range)), cover: h }
    if (depth === maxDepth) return leaf
    const parent = this.saved(rows, range)
    const noise =
      NOISE * (Math.abs(parent) + rows.reduce((sum, r) => sum + Math.abs(this.derivatives.get(r)?.g ?? 0), 0))
    // The constant that ranks leave out; see the kernel.
    const offset = (g * g * l2) / ((h + 2 * l2) * (h + l2))
    let best: { candidate: Candidate; gain: number } | undefined
    for (const candidate of this.candidates(rows)) {
      const gain = this.score(rows, candidate, range) - parent
      const tie = candidate.column === best?.candidate.column ? TIE : COLUMN_TIE
      if (gain + offset > ((best?.gain ?? 0) + offset) * (1 + tie) && gain > minSplitGain + noise)
        best = { candidate, gain }
    }
    if (!best) return leaf
    const [left, right] = this.split(rows, best.candidate)
    const { column, threshold } = best.candidate
    const ranges = this.ranges([left, right], best.candidate, range)
    const noneMissing = rows.every((r) => !Number.isNaN(at(this.matrix, column, r)))
    return {
      column,
      threshold,
      missingLeft: noneMissing ? 2 * this.sums(left).h >= h * (1 - 1e-6) : best.candidate.missingLeft,
      gain: best.gain,
      cover: h,
      left: this.grow(left, depth + 1, ranges[0]),
      right: this.grow(right, depth + 1, ranges[1]),
    }
  }

  /** Every question that leaves a value (or all missing ones) on each side, in the order in which ties are decided. */
  private *candidates(rows: readonly number[]): Generator<Candidate> {
    for (const [column, cuts] of this.cuts.entries()) {
      const present = rows.map((r) => at(this.matrix, column, r)).filter((x) => !Number.isNaN(x))
      const useful = [...cuts].filter((cut) => present.some((x) => x < cut) && present.some((x) => x >= cut))
      const anyMissing = present.length < rows.length
      for (const threshold of useful) {
        yield { column, threshold, missingLeft: false }
        if (anyMissing) yield { column, threshold, missingLeft: true }
      }
      if (anyMissing && present.length > 0) yield { column, threshold: -Infinity, missingLeft: true }
    }
  }

  /** What both sides save, or -Infinity where the split is not allowed. */
  private score(rows: readonly number[], candidate: Candidate, range: Range): number {
    const { minChildWeight, minRowsPerLeaf } = this.options
    const sides = this.split(rows, candidate)
    let score = 0
    for (const side of sides) {
      const { h } = this.sums(side)
      if (side.length < minRowsPerLeaf || h < minChildWeight * (1 - 1e-12)) return -Infinity
      score += this.saved(side, range)
    }
    const [left, right] = sides.map((side) => this.weight(side, range)) as [number, number]
    return this.direction(candidate) * (right - left) < 0 ? -Infinity : score
  }

  private direction({ column, threshold }: Candidate): number {
    return threshold === -Infinity ? 0 : (this.options.monotone?.[column] ?? 0)
  }

  /** The leaf of these rows before the learning rate: the minimum of G w + (H + l2) w^2 / 2 + l1 |w| in its range. */
  private weight(rows: readonly number[], [low, high]: Range): number {
    const { l1 = 0, l2, maxDeltaStep = 0 } = this.options
    const { g, h } = this.sums(rows)
    const free = g > l1 ? (l1 - g) / (h + l2) : g < -l1 ? (-l1 - g) / (h + l2) : 0
    const step = maxDeltaStep === 0 ? free : Math.sign(free) * Math.min(Math.abs(free), maxDeltaStep)
    return Math.min(high, Math.max(low, step))
  }

  /** Twice the loss that their leaf saves: G^2/(H+l2) without further rules. */
  private saved(rows: readonly number[], range: Range): number {
    const { l1 = 0, l2 } = this.options
    const { g, h } = this.sums(rows)
    const w = this.weight(rows, range)
    return -2 * g * w - (h + l2) * w * w - 2 * l1 * Math.abs(w)
  }

  /** A monotone split parts the ranges of its sides midway between their leaves. */
  private ranges(sides: readonly [number[], number[]], candidate: Candidate, range: Range): readonly [Range, Range] {
    const direction = this.direction(candidate)
    if (direction === 0) return [range, range]
    const [low, high] = range
    const middle = (this.weight(sides[0], range) + this.weight(sides[1], range)) / 2
    const parts: readonly [Range, Range] = [
      [low, middle],
      [middle, high],
    ]
    return direction > 0 ? parts : [parts[1], parts[0]]
  }

  private split(rows: readonly number[], { column, threshold, missingLeft }: Candidate): [number[], number[]] {
    const goesLeft = (r: number): boolean => {
      const x = at(this.matrix, column, r)
      return Number.isNaN(x) ? missingLeft : x < threshold
    }
    return [rows.filter(goesLeft), rows.filter((r) => !goesLeft(r))]
  }

  private sums(rows: readonly number[]): { g: number; h: number } {
    let g = 0
    let h = 0
    for (const r of rows) {
      const d = this.derivatives.get(r)
      g += d?.g ?? Number.NaN
      h += d?.h ?? Number.NaN
    }
    return { g, h }
  }
}
