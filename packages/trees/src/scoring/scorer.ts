import { startWasm, wasmMemory } from '@breakwater/formats'
import type { WasmModule } from '@breakwater/formats'
import { loadKernel } from '../engine/load-kernel.ts'
import { stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { BLOCK_ROWS } from './kernel.ts'
import type { ScoreKernel } from './kernel.ts'
import { layOut } from './layout.ts'
import type { ScorerLayout } from './layout.ts'
import { createReferenceScoreKernel } from './reference-kernel.ts'

/** What computes a score: the WebAssembly kernel, or the reference in plain TypeScript. Both give the same bits. */
export type ScoreEngine = 'wasm' | 'reference'

/** Options of {@link createScorer}. */
export interface ScorerOptions {
  /** Default: the kernel, or the reference where WebAssembly with SIMD or the kernel's file is missing. */
  readonly engine?: ScoreEngine
}

/** Several models packed for small batches. It works in memory of its own: one call at a time, none of them nested. */
export interface Scorer {
  /** Names of a row's values in order. */
  readonly columns: readonly string[]
  /** Number of models. */
  readonly heads: number
  readonly engine: ScoreEngine
  /** Bytes that the packed models take, working memory included. */
  readonly bytes: number
  /**
   * Raw scores of `count` rows: `out[h * count + r]` for head h and row r, the same bits as `predictRaw`. Row r lies at
   * `rows[r * columns.length]`, its values in the order of `columns`; NaN is missing. `rows` and `out` may be longer than
   * needed; what lies beyond is neither read nor written. Throws a RangeError where they are too short or `count` is no
   * integer of at least 0. Allocates nothing. Cost: O(ceil(count / 8) x (trees x depth + questions)).
   */
  score(rows: Float32Array, count: number, out: Float64Array): void
}

/**
 * Packs models over the same columns, in the same order, for scoring rows as they arrive. Every different question that the
 * trees ask (column, threshold or set, direction of a missing value) is answered once for eight rows, one bit a row; the
 * trees then look answers up. Works for every model, at the same speed for trees of up to 8 levels, slower for deeper
 * ones. The models are copied: changing them later changes nothing. Throws a RangeError without models, or where their
 * columns differ. Cost: O(n log n) in the nodes, about half a microsecond a node.
 */
export function createScorer(models: readonly TreeModel[], options: ScorerOptions = {}): Scorer {
  const columns = commonColumns(models)
  const packed = pack(models, options.engine)
  const width = columns.length
  return {
    columns,
    heads: models.length,
    engine: packed.engine,
    bytes: packed.bytes,
    score(rows, count, out) {
      checkSizes(rows, count, out, width, models.length)
      const { input } = packed
      for (let first = 0; first < count; first += BLOCK_ROWS) {
        const blockRows = Math.min(BLOCK_ROWS, count - first)
        for (let i = 0, at = first * width; i < blockRows * width; i++, at++) input[i] = rows[at] as number
        packed.scoreBlock(first, blockRows, count, out)
      }
    },
  }
}

/**
 * What a scorer of these models gives for every row of a matrix, whose columns must be the models': raw scores, `out[h *
 * matrix.rows + r]`. Worth its packing from about {@link MANY_ROWS} rows on.
 */
export function scoreMatrix(models: readonly TreeModel[], matrix: Matrix, out: Float64Array): void {
  const { input, scoreBlock } = pack(models, undefined)
  const { values, rows } = matrix
  const { row, column } = stridesOf(matrix)
  const width = matrix.columns.length
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const blockRows = Math.min(BLOCK_ROWS, rows - first)
    for (let c = 0; c < width; c++) {
      const from = first * row + c * column
      for (let r = 0; r < blockRows; r++) input[r * width + c] = values[from + r * row] as number
    }
    scoreBlock(first, blockRows, rows, out)
  }
}

/** Rows from which on packing the models costs less than it saves. */
export const MANY_ROWS = 1000

interface PackedModels {
  readonly engine: ScoreEngine
  readonly bytes: number
  /** Where `scoreBlock` finds its rows, one after another. */
  readonly input: Float32Array
  /** Scores the first `rows` rows of `input` into `out[h * count + first + r]`. */
  readonly scoreBlock: (first: number, rows: number, count: number, out: Float64Array) => void
}

function pack(models: readonly TreeModel[], engine: ScoreEngine | undefined): PackedModels {
  const module = moduleFor(engine)
  const layout = layOut(models)
  const { memory, kernel } = started(layout, module)
  const width = models[0]?.columns.length ?? 0
  const bases = Float64Array.from(models, ({ baseScore }) => baseScore)
  const trees = Int32Array.from(models, treeCount)
  const output = new Float64Array(memory, layout.out, BLOCK_ROWS)
  return {
    engine: module === undefined ? 'reference' : 'wasm',
    bytes: memory.byteLength,
    input: new Float32Array(memory, layout.rows, BLOCK_ROWS * width),
    scoreBlock(first, rows, count, out) {
      for (const group of layout.groups) {
        kernel.answerThresholds(group.runs, group.runCount, layout.rows, width)
        kernel.answerCategories(group.categories, group.categoryCount, layout.rows, width)
        for (const part of group.parts) {
          kernel.scoreBlocks(part.blocks, part.blockCount, rows, layout.leaves)
          kernel.walkTrees(part.walked, part.walkedCount, layout.leaves)
          if (!part.ends) continue
          const { head } = part
          kernel.addLeaves(layout.leaves, trees[head] as number, bases[head] as number, layout.out)
          for (let r = 0; r < rows; r++) out[head * count + first + r] = output[r] as number
        }
      }
    },
  }
}

function commonColumns(models: readonly TreeModel[]): readonly string[] {
  const [first, ...others] = models
  if (first === undefined)
    throw new RangeError('trees: models=[]: must have at least one model. Load or train one first')
  for (const [i, { columns }] of others.entries()) {
    const at = Array.from({ length: Math.max(columns.length, first.columns.length) }, (_, c) => c).find(
      (c) => columns[c] !== first.columns[c],
    )
    if (at === undefined) continue
    throw new RangeError(
      `trees: models[${i + 1}].columns[${at}]=${JSON.stringify(columns[at])}: models[0] has ` +
        `${JSON.stringify(first.columns[at])} here. Make a scorer for each list of columns`,
    )
  }
  return [...first.columns]
}

function moduleFor(engine: ScoreEngine | undefined): WasmModule | undefined {
  if (engine === 'reference') return undefined
  const module = loadKernel(new URL('./score.wasm', import.meta.url))
  if (module === undefined && engine === 'wasm') {
    throw new Error(
      'trees: engine=wasm: the kernel cannot be loaded here. Leave engine out to run its reference implementation',
    )
  }
  return module
}

const PAGE = 65_536

function started(
  { arena }: ScorerLayout,
  module: WasmModule | undefined,
): { readonly memory: ArrayBufferLike; readonly kernel: ScoreKernel } {
  const used = arena.u8.subarray(0, arena.size)
  if (module === undefined) {
    const memory = new ArrayBuffer(Math.ceil(arena.size / 8) * 8)
    new Uint8Array(memory).set(used)
    return { memory, kernel: createReferenceScoreKernel(memory) }
  }
  const pages = Math.ceil(arena.size / PAGE)
  const memory = wasmMemory({ initial: pages, maximum: pages })
  new Uint8Array(memory.buffer).set(used)
  return { memory: memory.buffer, kernel: startWasm(module, memory) as ScoreKernel }
}

function checkSizes(rows: Float32Array, count: number, out: Float64Array, columns: number, heads: number): void {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`trees: count=${count}: must be an integer of at least 0, the number of rows`)
  }
  if (rows.length < count * columns) {
    throw new RangeError(`trees: rows.length=${rows.length}: must have ${count} rows of ${columns} columns`)
  }
  if (out.length < count * heads) {
    throw new RangeError(`trees: out.length=${out.length}: must have ${heads} heads x ${count} rows`)
  }
}
