import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { Dart } from './options.ts'

/** Trees to leave out of a round, ascending; none where the dice say so. */
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
