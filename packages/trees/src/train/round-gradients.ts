import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { RegionViews } from '../engine/memory.ts'

/**
 * Rounds the gradients of the first `count` rows of the order to `levels` steps from the least possible to the largest, up or
 * down at random so that each is kept in the mean (Shi et al. 2022, "Quantized training of gradient boosting decision trees",
 * section 4.1). Gradients are read and written; a gradient of 0 stays 0. Linear in rows.
 */
export function roundGradients(
  { order, gradients }: Pick<RegionViews, 'order' | 'gradients'>,
  count: number,
  levels: number,
  random: RandomGenerator,
): void {
  let most = 0
  for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(gradients[order[i] as number] as number))
  const step = (2 * most) / levels
  if (step === 0) return
  for (let i = 0; i < count; i++) {
    const row = order[i] as number
    gradients[row] = step * Math.floor((gradients[row] as number) / step + (random.next() >>> 0) / 2 ** 32)
  }
}
