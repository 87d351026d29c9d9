import type { PatchTstConfig } from '../config.ts'
import { patchPlan } from '../network/patches.ts'
import { isSeries } from '../sequence-set.ts'
import type { TrainingData } from '../sequence-set.ts'
import { uniformAt } from './random.ts'

/** Which patches of a set hold an observed step. */
export interface PatchCover {
  readonly count: number
  /** (samples x count): 1 where any step is observed; undefined where all patches do. */
  readonly observed: Uint8Array | undefined
}

/** The patches of every sample that hold an observed step; of a repeated last value, the last step counts. */
export function patchCover(config: PatchTstConfig, data: TrainingData): PatchCover {
  const { count, first } = patchPlan(config)
  if (isSeries(data)) return { count, observed: undefined }
  const { patchLength, stride, length } = config
  const observed = new Uint8Array(data.samples * count)
  for (let sample = 0; sample < data.samples; sample++) {
    const mask = data.mask.subarray(sample * length, (sample + 1) * length)
    for (let patch = 0; patch < count; patch++) {
      const from = Math.min(first + patch * stride, length - 1)
      observed[sample * count + patch] = mask.subarray(from, from + patchLength).includes(1) ? 1 : 0
    }
  }
  return { count, observed: observed.includes(0) ? observed : undefined }
}

/** Patches to hide of those that a sample has: at least one, and at least one stays where there are two. */
export function hiddenCount(observed: number, ratio: number): number {
  return Math.max(1, Math.min(observed - 1, Math.round(observed * ratio)))
}

/**
 * Chooses patches of one channel of one sample: `hide` (count) becomes 0 where hidden, else 1, and `weight` (count) `share`
 * where hidden, else 0. Every choice of the patches that are observed is as likely.
 */
export function hidePatches(
  hide: Float32Array,
  weight: Float32Array,
  observed: Uint8Array | undefined,
  { ratio, key, share }: { ratio: number; key: number; share: number },
): void {
  const open = Array.from(hide, (_, patch) => patch).filter((patch) => observed === undefined || observed[patch] === 1)
  const wanted = hiddenCount(open.length, ratio)
  hide.fill(1)
  weight.fill(0)
  for (let i = 0; i < wanted; i++) {
    const at = i + Math.floor(uniformAt(key, i) * (open.length - i))
    const patch = open[at] ?? 0
    open[at] = open[i] ?? 0
    hide[patch] = 0
    weight[patch] = share
  }
}
