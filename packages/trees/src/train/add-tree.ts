import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import { valueBins } from '../binning/bin-matrix.ts'
import type { NodeStore } from './grow/node-store.ts'

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
  const missing = Uint8Array.from(binned.columns, (_, c) => valueBins(binned, c))
  const { feature, bin, left, missingLeft, value } = store
  for (const row of rows) {
    let node = root
    for (let c = feature[node] as number; c >= 0; c = feature[node] as number) {
      const code = binned.bins[c * binned.rows + row] as number
      const table = store.tables.size > 0 ? store.tables.get(node) : undefined
      let goesLeft = code === missing[c] ? missingLeft[node] === 1 : code <= (bin[node] as number)
      // Tables count codes as the engine does: 0 is missing.
      if (table && code !== missing[c]) goesLeft = table[code + 1] === 1
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
