import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import type { NodeStore } from './grow/node-store.ts'
import type { Dart } from './options.ts'

/** Adds `factor` times the prediction of tree `tree`, found by codes, to the scores of these matrix rows. */
export function addTree(
  binned: BinnedMatrix,
  store: NodeStore,
  tree: number,
  rows: Int32Array,
  scores: Float32Array | Float64Array,
  factor = 1,
): void {
  if (rows.length === 0) return
  const root = store.treeStart[tree] as number
  const { feature, bin, left, missingLeft, value } = store
  for (const row of rows) {
    let node = root
    for (let c = feature[node] as number; c >= 0; c = feature[node] as number) {
      const code = binned.bins[c * binned.rows + row] as number
      const table = store.tables.size > 0 ? store.tables.get(node) : undefined
      let goesLeft = code === 0 ? missingLeft[node] === 1 : code <= (bin[node] as number) + 1
      if (table) goesLeft = table[code] === 1
      node = (left[node] as number) + (goesLeft ? 0 : 1)
    }
    scores[row] = (scores[row] as number) + factor * (value[node] as number)
  }
}

/** Multiplies the leaves of a tree by a factor. */
export function scaleTree(store: NodeStore, tree: number, factor: number): void {
  const end = store.treeStart[tree + 1] as number
  for (let node = store.treeStart[tree] as number; node < end; node++) {
    store.value[node] = (store.value[node] as number) * factor
  }
}

/** Trees to leave out of a round, ascending; with probability `skipDrop` none. */
export function dropTrees(
  trees: number,
  { dropRate, maxDrop, skipDrop }: Required<Dart>,
  random: RandomGenerator,
): number[] {
  if (trees === 0 || uniformFloat64(random) < skipDrop) return []
  const dropped: number[] = []
  const rate = Math.min(dropRate, maxDrop / trees)
  for (let tree = 0; tree < trees && dropped.length < maxDrop; tree++) {
    if (uniformFloat64(random) < rate) dropped.push(tree)
  }
  return dropped
}

/** Factors on the new tree and on the dropped ones, so that together they weigh what the dropped ones did. */
export function dartWeights(dropped: number): { readonly grown: number; readonly dropped: number } {
  return { grown: 1 / (dropped + 1), dropped: dropped / (dropped + 1) }
}
