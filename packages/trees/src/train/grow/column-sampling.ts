import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { sample, sampleSize } from '../sampling.ts'

/** Which columns a node may split on. */
export interface ColumnChoice {
  /** One byte a slot, 0 for a column that may not be used; undefined where all may. */
  readonly allowed: (node: { readonly depth: number; readonly path: readonly number[] }) => Uint8Array | undefined
  /** The path of a node's children; empty where paths do not matter. */
  readonly extend: (path: readonly number[], slot: number) => readonly number[]
}

/** What limits the choice; rates are in (0, 1]. */
export interface ColumnRules {
  /** Slots that the head may use, ascending. */
  readonly slots: Int32Array
  /** Slots of the matrix. */
  readonly size: number
  readonly perTree: number
  readonly perLevel: number
  readonly perNode: number
  /** Sets of slots; a path uses columns of one set only. A column of no set is a set of its own. */
  readonly interactions: readonly (readonly number[])[] | undefined
}

/**
 * The choice for one tree: the head's columns, sampled without replacement for the tree, from those for each level, from
 * those for each node (XGBoost's colsample_bytree, bylevel, bynode), and then those that interact with the path.
 */
export function chooseColumns(rules: ColumnRules, random: RandomGenerator): ColumnChoice {
  const { size, perTree, perLevel, perNode, interactions } = rules
  const tree = drawn(rules.slots, perTree, random)
  const levels: Int32Array[] = []
  const levelOf = (depth: number): Int32Array => {
    if (perLevel === 1) return tree
    for (let d = levels.length; d <= depth; d++) levels.push(drawn(tree, perLevel, random))
    return levels[depth] as Int32Array
  }
  const every = tree.length === size && perLevel === 1 && perNode === 1
  const whole = every ? undefined : maskOf(tree, size)
  const sampled = perLevel < 1 || perNode < 1
  return {
    allowed: ({ depth, path }) => {
      const mask = sampled ? maskOf(drawn(levelOf(depth), perNode, random), size) : whole
      return interactions && path.length > 0 ? interacting(mask, path, interactions, size) : mask
    },
    extend: (path, slot) => (interactions && !path.includes(slot) ? [...path, slot] : path),
  }
}

function drawn(from: Int32Array, rate: number, random: RandomGenerator): Int32Array {
  const count = sampleSize(from.length, rate)
  if (count === from.length) return from
  const picked = new Int32Array(from.length)
  sample(random, from.length, count, picked)
  return picked.subarray(0, count).map((i) => from[i] as number)
}

function maskOf(slots: Int32Array, size: number): Uint8Array {
  const mask = new Uint8Array(size)
  for (const slot of slots) mask[slot] = 1
  return mask
}

/** The mask less every column that shares no set with the whole path. */
function interacting(
  mask: Uint8Array | undefined,
  path: readonly number[],
  sets: readonly (readonly number[])[],
  size: number,
): Uint8Array {
  const together = new Uint8Array(size)
  for (const set of sets) if (path.every((slot) => set.includes(slot))) for (const slot of set) together[slot] = 1
  if (path.length === 1) together[path[0] as number] = 1
  return together.map((fits, slot) => (fits === 1 && mask?.[slot] !== 0 ? 1 : 0))
}
