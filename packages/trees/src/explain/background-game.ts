import { stridesOf } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { fullMask, MAX_PLACES, routeMasks } from './leaf-paths.ts'
import type { LeafGame, LeafPaths } from './leaf-paths.ts'

/** For every leaf, the different masks (see routeMasks) that the background rows have there, and how many rows have each. */
export interface BackgroundMasks {
  readonly rows: number
  /** nodes + 1 offsets: a leaf's masks are `masks[start[leaf]]` up to `masks[start[leaf + 1]]` (exclusive); a branch has none. */
  readonly start: Int32Array
  /** Ascending within a leaf. */
  readonly masks: Int32Array
  readonly counts: Int32Array
}

/** Cost: O(leaves x rows log rows); memory for 4 x rows bytes per node of the largest tree while it runs. */
export function backgroundMasks(model: TreeModel, paths: LeafPaths, background: Matrix): BackgroundMasks {
  const { rows } = background
  const { row: rowStride, column: columnStride } = stridesOf(background)
  const block = { values: background.values, at: 0, rows, rowStride, columnStride }
  const start = new Int32Array(model.feature.length + 1)
  const masks: number[] = []
  const counts: number[] = []
  for (let t = 0; t < treeCount(model); t++) {
    const root = model.treeStart[t] as number
    const end = model.treeStart[t + 1] as number
    const routed = new Int32Array((end - root) * rows).fill(-1, 0, rows)
    for (let node = root; node < end; node++) {
      if ((model.feature[node] as number) >= 0) routeMasks(model, paths, node, root, block, routed)
      else {
        const full = fullMask(paths.width[node] as number)
        const here = routed.subarray((node - root) * rows, (node - root + 1) * rows)
        countRuns(here.map((mask) => mask & full).toSorted(), masks, counts)
      }
      start[node + 1] = masks.length
    }
  }
  return { rows, start, masks: Int32Array.from(masks), counts: Int32Array.from(counts) }
}

/** Appends the different numbers of an ascending list, and how often each occurs. */
function countRuns(ascending: Int32Array, numbers: number[], counts: number[]): void {
  for (let from = 0, to = 0; from < ascending.length; from = to) {
    while (to < ascending.length && ascending[to] === ascending[from]) to++
    numbers.push(ascending[from] as number)
    counts.push(to - from)
  }
}

/**
 * Interventional game: a leaf of value v is worth v times the share of background rows that reach it when the columns of
 * the coalition are the explained row's and the others are the background row's. Against one background row, a place where
 * both rows answer towards the leaf plays no part, and one where neither does makes the game 0. Else let `a` places be the
 * explained row's alone and `b` the background row's alone: each of the first gets v (a - 1)! b! / (a + b)!, each of the
 * others -v a! (b - 1)! / (a + b)!. Cost of a row: O(d x different masks of background rows at the leaf).
 */
export function backgroundGame(model: TreeModel, paths: LeafPaths, background: BackgroundMasks): LeafGame {
  const { start, masks, counts, rows } = background
  const weights = shapleyWeights()
  let leaf = 0
  return {
    turnTo(next) {
      leaf = next
    },
    shares(mask, out) {
      const places = paths.width[leaf] as number
      const full = fullMask(places)
      const end = start[leaf + 1] as number
      const value = model.value[leaf] as number
      for (let p = 0; p < places; p++) out[p] = 0
      for (let i = start[leaf] as number; i < end; i++) {
        const other = masks[i] as number
        if (((mask | other) & full) !== full) continue
        const mine = mask & ~other & full
        const theirs = other & ~mask & full
        const a = bitCount(mine)
        const b = bitCount(theirs)
        const scale = (value * (counts[i] as number)) / rows
        const gain = scale * (weights[a * (MAX_PLACES + 1) + b] as number)
        const loss = scale * (weights[b * (MAX_PLACES + 1) + a] as number)
        for (let p = 0; p < places; p++) {
          if ((mine >>> p) & 1) out[p] = (out[p] as number) + gain
          else if ((theirs >>> p) & 1) out[p] = (out[p] as number) - loss
        }
      }
    },
  }
}

/** (a - 1)! b! / (a + b)! at [a * 33 + b] for a >= 1 and a + b <= 32; 0 for a = 0. */
function shapleyWeights(): Float64Array {
  const side = MAX_PLACES + 1
  const weights = new Float64Array(side * side)
  for (let a = 1; a <= MAX_PLACES; a++) {
    weights[a * side] = 1 / a
    for (let b = 1; a + b <= MAX_PLACES; b++) {
      weights[a * side + b] = ((weights[a * side + b - 1] as number) * b) / (a + b)
    }
  }
  return weights
}

function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
