/** Predictions that are equal, as one: rising `x`, with the number of rows and of positives at each. */
export interface TiedRows {
  readonly x: Float64Array
  readonly weights: Float64Array
  readonly positives: Float64Array
}

/** Gathers equal predictions; `predictions` must rise. O(rows). */
export function tieRows(predictions: Float64Array, outcomes: Float64Array): TiedRows {
  const x: number[] = []
  const weights: number[] = []
  const positives: number[] = []
  for (let row = 0; row < predictions.length; row++) {
    const p = predictions[row] as number
    if (p !== x.at(-1)) {
      x.push(p)
      weights.push(0)
      positives.push(0)
    }
    const last = x.length - 1
    weights[last] = (weights[last] as number) + 1
    positives[last] = (positives[last] as number) + (outcomes[row] as number)
  }
  return { x: Float64Array.from(x), weights: Float64Array.from(weights), positives: Float64Array.from(positives) }
}

/** A block of pooled neighbours, and the block next to it on the side that pooling comes from (null at the end). */
export interface Block {
  readonly weight: number
  readonly positives: number
  /** Number of distinct predictions in it. */
  readonly width: number
  readonly next: Block | null
}

const mean = ({ positives, weight }: Block): number => positives / weight

/**
 * Pools a new block with the blocks before it while they are out of order (pool adjacent violators, Ayer et al. 1955).
 * Blocks are never changed, so the state after every prefix of the data remains usable. `rising` says whether means
 * must rise toward the new block (data added from the left) or fall (added from the right).
 */
export function pool(added: Omit<Block, 'next'>, before: Block | null, rising: boolean): Block {
  let block: Block = { ...added, next: before }
  while (block.next !== null) {
    const { next } = block
    const inOrder = rising ? mean(next) < mean(block) : mean(next) > mean(block)
    if (inOrder) break
    block = {
      weight: block.weight + next.weight,
      positives: block.positives + next.positives,
      width: block.width + next.width,
      next: next.next,
    }
  }
  return block
}

/** The isotonic regression of tied rows: its blocks by rising prediction. O(rows). */
export function isotonicBlocks({ x, weights, positives }: TiedRows): { block: Block; first: number; last: number }[] {
  let top: Block | null = null
  for (let i = 0; i < x.length; i++) {
    top = pool({ weight: weights[i] as number, positives: positives[i] as number, width: 1 }, top, true)
  }
  const blocks: { block: Block; first: number; last: number }[] = []
  let last = x.length - 1
  for (let block = top; block !== null; block = block.next) {
    blocks.push({ block, first: last - block.width + 1, last })
    last -= block.width
  }
  return blocks.toReversed()
}
