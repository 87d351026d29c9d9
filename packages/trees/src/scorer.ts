import { kernelMemory, loadKernel, startKernel } from './kernel/load.ts'
import type { KernelModule } from './kernel/load.ts'
import type { TreeModel } from './model.ts'
import { treeCount } from './model.ts'
import { BLOCK_ROWS, layOut } from './scorer-layout.ts'
import type { HeadPart, ScorerLayout } from './scorer-layout.ts'
import { plainScoreKernel } from './scorer-plain.ts'
import type { ScoreKernel } from './scorer-plain.ts'

/** What computes a score: the WebAssembly kernel, or its twin in plain TypeScript. Both give the same bits. */
export type ScoreEngine = 'wasm' | 'plain'

/** Options of {@link createScorer}. */
export interface ScorerOptions {
  /** Default: the kernel, or its twin where WebAssembly with SIMD or the kernel's file is missing. */
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
 * Packs models over the same columns, in the same order, for scoring rows as they come. Every different question that the
 * trees ask (column, threshold or set, direction of a missing value) is answered once for eight rows, one bit a row; the
 * trees then look answers up. Works for every model, at the same speed for trees of up to 8 levels, slower for deeper
 * ones. The models are copied: changing them later changes nothing. Throws a RangeError without models, or where their
 * columns differ. Cost: O(n log n) in the nodes, about half a microsecond a node.
 */
export function createScorer(models: readonly TreeModel[], options: ScorerOptions = {}): Scorer {
  const columns = commonColumns(models)
  const module = moduleFor(options.engine)
  const layout = layOut(models)
  const { memory, kernel } = started(layout, module)
  const bases = Float64Array.from(models, ({ baseScore }) => baseScore)
  const trees = Int32Array.from(models, treeCount)
  const width = columns.length
  const input = new Float32Array(memory, layout.rows, BLOCK_ROWS * width)
  const output = new Float64Array(memory, layout.out, BLOCK_ROWS)

  const scorePart = (part: HeadPart, rows: number): void => {
    kernel.scoreBlocks(part.blocks, part.blockCount, rows, layout.leaves)
    kernel.walkTrees(part.walked, part.walkedCount, layout.leaves)
  }
  const scoreBlock = (first: number, rows: number, count: number, out: Float64Array): void => {
    for (const group of layout.groups) {
      kernel.answerThresholds(group.runs, group.runCount, layout.rows, width)
      kernel.answerCategories(group.categories, group.categoryCount, layout.rows, width)
      for (const part of group.parts) {
        scorePart(part, rows)
        if (!part.ends) continue
        const { head } = part
        kernel.addLeaves(layout.leaves, trees[head] as number, bases[head] as number, layout.out)
        for (let r = 0; r < rows; r++) out[head * count + first + r] = output[r] as number
      }
    }
  }
  return {
    columns,
    heads: models.length,
    engine: module === undefined ? 'plain' : 'wasm',
    bytes: memory.byteLength,
    score(rows, count, out) {
      checkSizes(rows, count, out, width, models.length)
      for (let first = 0; first < count; first += BLOCK_ROWS) {
        const blockRows = Math.min(BLOCK_ROWS, count - first)
        for (let i = 0, at = first * width; i < blockRows * width; i++, at++) input[i] = rows[at] as number
        scoreBlock(first, blockRows, count, out)
      }
    },
  }
}

function commonColumns(models: readonly TreeModel[]): readonly string[] {
  const [first, ...others] = models
  if (first === undefined)
    throw new RangeError('trees: models=[]: must hold at least one model. Load or train one first')
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

function moduleFor(engine: ScoreEngine | undefined): KernelModule | undefined {
  if (engine === 'plain') return undefined
  const module = loadKernel('score')
  if (module === undefined && engine === 'wasm') {
    throw new Error('trees: engine=wasm: the kernel cannot be loaded here. Leave engine out to run its plain twin')
  }
  return module
}

const PAGE = 65_536

function started(
  { arena }: ScorerLayout,
  module: KernelModule | undefined,
): { readonly memory: ArrayBufferLike; readonly kernel: ScoreKernel } {
  const used = arena.u8.subarray(0, arena.size)
  if (module === undefined) {
    const memory = new ArrayBuffer(Math.ceil(arena.size / 8) * 8)
    new Uint8Array(memory).set(used)
    return { memory, kernel: plainScoreKernel(memory) }
  }
  const pages = Math.ceil(arena.size / PAGE)
  const memory = kernelMemory({ initial: pages, maximum: pages })
  new Uint8Array(memory.buffer).set(used)
  return { memory: memory.buffer, kernel: startKernel(module, memory) as ScoreKernel }
}

function checkSizes(rows: Float32Array, count: number, out: Float64Array, columns: number, heads: number): void {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`trees: count=${count}: must be an integer of at least 0, the number of rows`)
  }
  if (rows.length < count * columns) {
    throw new RangeError(`trees: rows.length=${rows.length}: must hold ${count} rows of ${columns} columns`)
  }
  if (out.length < count * heads) {
    throw new RangeError(`trees: out.length=${out.length}: must hold ${heads} heads x ${count} rows`)
  }
}
