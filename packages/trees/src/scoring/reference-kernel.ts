import { inCategorySet } from '../model/model.ts'

/** What scoring needs of the kernel: the functions that `kernel/score.as.ts` exports. Addresses are in bytes. */
export interface ScoreKernel {
  /** Answers "x < threshold?" for `count` runs of thresholds; `rows` holds eight rows of `columns` values. */
  answerThresholds(runs: number, count: number, rows: number, columns: number): void
  /** Answers "is category x in the set?" for `count` questions. */
  answerCategories(questions: number, count: number, rows: number, columns: number): void
  /** Writes the leaf values of `count` blocks of full trees to `leaves`, at least those of the first `rows` rows. */
  scoreBlocks(blocks: number, count: number, rows: number, leaves: number): void
  /** Writes the leaf values of `count` trees that are walked node by node to `leaves`. */
  walkTrees(trees: number, count: number, leaves: number): void
  /** Writes eight raw scores to `out`: `base` plus the leaf values of `trees` trees, in their order. */
  addLeaves(leaves: number, trees: number, base: number, out: number): void
}

const ROWS = 8
const TREES = 16

/** Memory of a kernel as the reference sees it. */
interface Views {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
}

/** The reference implementation of the kernel: the same functions on the same memory, to the same bits, one row after another. */
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
      for (let i = 0; i < count; i++) answerRun(views, (runs >> 2) + 5 * i, rows >> 2, columns)
    },
    answerCategories: (questions, count, rows, columns) => {
      for (let i = 0; i < count; i++) answerCategory(views, (questions >> 2) + 4 * i, rows >> 2, columns)
    },
    scoreBlocks: (blocks, count, rows, leaves) => {
      for (let i = 0, at = blocks; i < count; i++) at = scoreBlock(views, at, rows, leaves)
    },
    walkTrees: (trees, count, leaves) => {
      for (let i = 0, at = trees; i < count; i++) at = walkTree(views, at, leaves)
    },
    addLeaves: (leaves, trees, base, out) => {
      for (let r = 0; r < ROWS; r++) {
        let score = base
        for (let t = 0; t < trees; t++) score += views.f32[(leaves >> 2) + t * ROWS + r] as number
        views.f64[(out >> 3) + r] = score
      }
    },
  }
}

/** A row goes right at the thresholds that are <= x. */
function answerRun({ u8, u32, f32 }: Views, run: number, rows: number, columns: number): void {
  const column = u32[run] as number
  const count = u32[run + 1] as number
  const thresholds = (u32[run + 2] as number) >> 2
  for (const [missingLeft, first] of [u32[run + 3] as number, u32[run + 4] as number].entries()) {
    if (first === 0) continue
    u8.fill(0, first, first + count)
    for (let r = 0; r < ROWS; r++) {
      const x = f32[rows + r * columns + column] as number
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
  const missingLeft = u32[question + 1] === 1
  const set = (u32[question + 2] as number) >> 2
  let bits = 0
  for (let r = 0; r < ROWS; r++) {
    const x = f32[rows + r * columns + (u32[question] as number)] as number
    const left = Number.isNaN(x) ? missingLeft : inCategorySet(u32, set, x)
    if (!left) bits |= 1 << r
  }
  u8[u32[question + 3] as number] = bits
}

/** Scores a block and returns the address of the next. */
function scoreBlock({ u8, u16, u32, f32 }: Views, block: number, rows: number, leaves: number): number {
  const levels = u32[block >> 2] as number
  const trees = u32[(block >> 2) + 1] as number
  const upper = (block + 72) >> 1
  const lowerNodes = TREES * (2 ** levels - 1)
  let tree = block + 552
  for (let t = 0; t < trees; t++) {
    const values = (tree + 2 * lowerNodes) >> 2
    const out = (leaves + (u32[(block >> 2) + 2 + t] as number)) >> 2
    for (let r = 0; r < rows; r++) {
      let place = 1
      for (let level = 0; level < 4; level++) {
        const answer = u8[u16[upper + (place - 1) * TREES + t] as number] as number
        place = 2 * place + ((answer >> r) & 1)
      }
      const lower = (tree >> 1) - TREES
      for (let level = 0; level < levels; level++) {
        const answer = u8[u16[lower + place] as number] as number
        place = 2 * place + ((answer >> r) & 1)
      }
      f32[out + r] = f32[values + place - TREES * 2 ** levels] as number
    }
    tree += 2 * lowerNodes + 4 * TREES * 2 ** levels
  }
  return tree
}

/** Walks a tree and returns the address of the next. */
function walkTree({ u8, u32, f32 }: Views, tree: number, leaves: number): number {
  const levels = u32[tree >> 2] as number
  const out = (leaves + (u32[(tree >> 2) + 1] as number)) >> 2
  const nodes = tree + 12
  for (let r = 0; r < ROWS; r++) {
    let node = nodes >> 2
    for (let level = 0; level < levels; level++) {
      const answer = u8[u32[node] as number] as number
      node = ((nodes + (u32[node + 1] as number)) >> 2) + 3 * ((answer >> r) & 1)
    }
    f32[out + r] = f32[node + 2] as number
  }
  return nodes + (u32[(tree >> 2) + 2] as number)
}
