import type { TreeModel } from '../model/model.ts'
import { columnsOfPath, fullMask, MAX_PLACES, routeMasks, widestPaths } from './leaf-paths.ts'
import type { AddRow, LeafGame, LeafPaths, RowBlock } from './leaf-paths.ts'

/**
 * Adds the contributions of every tree to `sums[c * block.rows + r]`. `masks` is scratch for block.rows numbers a node of the
 * largest tree.
 */
export type AddContributions = (block: RowBlock, masks: Int32Array, sums: Float64Array) => void

/**
 * The sums for a game of leaves. A leaf's game depends on a row through its mask alone: where there are at least as many
 * rows as masks, the game is solved once for every mask and each row looks its numbers up. Trees with longer paths are left
 * to `addRow` where it is given, as it is faster than solving the games of a row leaf by leaf.
 */
export function contributionSums(
  model: TreeModel,
  paths: LeafPaths,
  game: LeafGame,
  addRow?: AddRow,
): AddContributions {
  const { feature, value, treeStart } = model
  const shares = new Float64Array(MAX_PLACES)
  const columns = new Int32Array(MAX_PLACES)
  let table = new Float64Array()

  /** Solves the game for all masks: `table[p << places | mask]`. */
  function fillTable(places: number): void {
    if (table.length < places << places) table = new Float64Array(places << places)
    for (let mask = 0; mask < 1 << places; mask++) {
      game.shares(mask, shares)
      for (let p = 0; p < places; p++) table[(p << places) | mask] = shares[p] as number
    }
  }

  function addTabled(places: number, at: number, rows: number, masks: Int32Array, sums: Float64Array): void {
    const full = fullMask(places)
    fillTable(places)
    for (let p = 0; p < places; p++) {
      const from = p << places
      let to = (columns[p] as number) * rows
      for (let r = 0; r < rows; r++, to++) {
        sums[to] = (sums[to] as number) + (table[from | ((masks[at + r] as number) & full)] as number)
      }
    }
  }

  function addSingly(places: number, at: number, rows: number, masks: Int32Array, sums: Float64Array): void {
    for (let r = 0; r < rows; r++) {
      game.shares(masks[at + r] as number, shares)
      for (let p = 0; p < places; p++) {
        const to = (columns[p] as number) * rows + r
        sums[to] = (sums[to] as number) + (shares[p] as number)
      }
    }
  }

  function addTree(root: number, end: number, block: RowBlock, masks: Int32Array, sums: Float64Array): void {
    const { rows } = block
    const tabled = widestTable(rows)
    for (let r = 0; r < rows; r++) masks[r] = -1
    for (let node = root; node < end; node++) {
      if ((feature[node] as number) >= 0) {
        routeMasks(model, paths, node, root, block, masks)
        continue
      }
      const places = paths.width[node] as number
      if (places === 0 || value[node] === 0) continue
      columnsOfPath(model, paths, node, columns)
      game.turnTo(node)
      const at = (node - root) * rows
      if (places <= tabled) addTabled(places, at, rows, masks, sums)
      else addSingly(places, at, rows, masks, sums)
    }
  }

  const widest = widestPaths(model, paths)
  return (block, masks, sums) => {
    const tabled = widestTable(block.rows)
    for (let t = 0; t < widest.length; t++) {
      if (!addRow || (widest[t] as number) <= tabled) {
        addTree(treeStart[t] as number, treeStart[t + 1] as number, block, masks, sums)
      } else for (let r = 0; r < block.rows; r++) addRow(t, block, r, sums)
    }
  }
}

/** The maximum number of places whose masks are no more than the rows. */
function widestTable(rows: number): number {
  return 31 - Math.clz32(rows)
}
