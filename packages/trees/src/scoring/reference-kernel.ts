import { inCategorySet } from '../model/model.ts'
import {
  BLOCK,
  BLOCK_ROWS,
  BLOCK_TREES,
  CATEGORY_QUESTION,
  RUN,
  UPPER_LEVELS,
  WALKED_NODE,
  WALKED_TREE,
} from './kernel.ts'
import type { ScoreKernel } from './kernel.ts'

const RUN_WORDS = Object.keys(RUN).length
const CATEGORY_WORDS = Object.keys(CATEGORY_QUESTION).length
const TREE_WORDS = Object.keys(WALKED_TREE).length
const NODE_WORDS = Object.keys(WALKED_NODE).length

/** Memory of a kernel as the reference sees it. */
interface Views {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
}

/** The scoring kernel in plain TypeScript: the same functions on the same memory, to the same bits, one row after another. */
export function createReferenceScoreKernel(memory: ArrayBufferLike): ScoreKernel {
  const views: Views = {
    u8: new Uint8Array(memory),
    u16: new Uint16Array(memory),
    u32: new Uint32Array(memory),
    f32: new Float32Array(memory),
    f64: new Float64Array(memory),
  }
  return {
    answerThresholds: (runs, count, rows, columns) => {
      for (let i = 0; i < count; i++) answerRun(views, (runs >> 2) + RUN_WORDS * i, rows >> 2, columns)
    },
    answerCategories: (questions, count, rows, columns) => {
      for (let i = 0; i < count; i++) answerCategory(views, (questions >> 2) + CATEGORY_WORDS * i, rows >> 2, columns)
    },
    scoreBlocks: (blocks, count, rows, leaves) => {
      for (let i = 0, at = blocks; i < count; i++) at = scoreBlock(views, at, rows, leaves)
    },
    walkTrees: (trees, count, leaves) => {
      for (let i = 0, at = trees; i < count; i++) at = walkTree(views, at, leaves)
    },
    addLeaves: (leaves, trees, base, out) => {
      for (let r = 0; r < BLOCK_ROWS; r++) {
        let score = base
        for (let t = 0; t < trees; t++) score += views.f32[(leaves >> 2) + t * BLOCK_ROWS + r] as number
        views.f64[(out >> 3) + r] = score
      }
    },
  }
}

/** A row goes right at the thresholds that are <= x. */
function answerRun({ u8, u32, f32 }: Views, run: number, rows: number, columns: number): void {
  const read = (entry: keyof typeof RUN): number => u32[run + RUN[entry]] as number
  const count = read('count')
  const thresholds = read('thresholds') >> 2
  for (const [missingLeft, first] of [read('missingRight'), read('missingLeft')].entries()) {
    if (first === 0) continue
    u8.fill(0, first, first + count)
    for (let r = 0; r < BLOCK_ROWS; r++) {
      const x = f32[rows + r * columns + read('column')] as number
      const whenMissing = missingLeft === 1 ? 0 : count
      const right = Number.isNaN(x) ? whenMissing : countUpTo(f32, thresholds, count, x)
      for (let i = first; i < first + right; i++) u8[i] = (u8[i] as number) | (1 << r)
    }
  }
}

/** The number of the `count` rising values from `from` on that are <= x. */
function countUpTo(values: Float32Array, from: number, count: number, x: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[from + middle] as number) <= x) low = middle + 1
    else high = middle
  }
  return low
}

function answerCategory(views: Views, question: number, rows: number, columns: number): void {
  const { u8, u32, f32 } = views
  const read = (entry: keyof typeof CATEGORY_QUESTION): number => u32[question + CATEGORY_QUESTION[entry]] as number
  const missingLeft = read('missingLeft') === 1
  const set = read('set') >> 2
  let bits = 0
  for (let r = 0; r < BLOCK_ROWS; r++) {
    const x = f32[rows + r * columns + read('column')] as number
    const left = Number.isNaN(x) ? missingLeft : inCategorySet(u32, set, x)
    if (!left) bits |= 1 << r
  }
  u8[read('answer')] = bits
}

/** Scores a block and returns the address of the next. */
function scoreBlock({ u8, u16, u32, f32 }: Views, block: number, rows: number, leaves: number): number {
  const levels = u32[(block + BLOCK.levels) >> 2] as number
  const trees = u32[(block + BLOCK.count) >> 2] as number
  const upper = (block + BLOCK.upper) >> 1
  const lowerNodes = BLOCK_TREES * (2 ** levels - 1)
  let tree = block + BLOCK.trees
  for (let t = 0; t < trees; t++) {
    const values = (tree + 2 * lowerNodes) >> 2
    const out = (leaves + (u32[((block + BLOCK.leaves) >> 2) + t] as number)) >> 2
    for (let r = 0; r < rows; r++) {
      let place = 1
      for (let level = 0; level < UPPER_LEVELS; level++) {
        const answer = u8[u16[upper + (place - 1) * BLOCK_TREES + t] as number] as number
        place = 2 * place + ((answer >> r) & 1)
      }
      const lower = (tree >> 1) - BLOCK_TREES
      for (let level = 0; level < levels; level++) {
        const answer = u8[u16[lower + place] as number] as number
        place = 2 * place + ((answer >> r) & 1)
      }
      f32[out + r] = f32[values + place - BLOCK_TREES * 2 ** levels] as number
    }
    tree += 2 * lowerNodes + 4 * BLOCK_TREES * 2 ** levels
  }
  return tree
}

/** Walks a tree and returns the address of the next. */
function walkTree({ u8, u32, f32 }: Views, tree: number, leaves: number): number {
  const read = (entry: keyof typeof WALKED_TREE): number => u32[(tree >> 2) + WALKED_TREE[entry]] as number
  const levels = read('levels')
  const out = (leaves + read('leaves')) >> 2
  const nodes = tree + 4 * TREE_WORDS
  for (let r = 0; r < BLOCK_ROWS; r++) {
    let node = nodes >> 2
    for (let level = 0; level < levels; level++) {
      const answer = u8[u32[node + WALKED_NODE.question] as number] as number
      node = ((nodes + (u32[node + WALKED_NODE.left] as number)) >> 2) + NODE_WORDS * ((answer >> r) & 1)
    }
    f32[out + r] = f32[node + WALKED_NODE.value] as number
  }
  return nodes + read('bytes')
}
