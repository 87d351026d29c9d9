import type { SequenceData } from './sequences-data.ts'
import type { SequenceSet } from './sequence-set.ts'
import type { StaticFill } from './sequences-statics.ts'
import { fillStatics } from './sequences-statics.ts'

/**
 * Sequences as the model takes them: statics without missing values, and reach labels by interval between horizons
 * instead of up to them. X and mask are not copied. O(statics and labels).
 */
export function toSequenceSet(data: SequenceData, fill: StaticFill): SequenceSet {
  return {
    source: data.source,
    samples: data.samples,
    length: data.length,
    channels: data.channelNames.length,
    channelNames: data.channelNames,
    x: data.x,
    mask: data.mask,
    statics: fill.names.length,
    staticNames: fill.names,
    staticValues: fillStatics(data, fill),
    labels: {
      direction: data.yBreak,
      strength: data.yStrength,
      ...(data.reach === null ? {} : { reach: byInterval(data.reach.values, data.reach.horizons.length) }),
    },
  }
}

/**
 * Labels of intervals from labels up to each horizon: 1 where reached first in the interval, 0 where it passed without,
 * -1 after that and where it cannot be known. A reach is placed only where the horizon before is known not to have seen
 * it; a horizon known to be without settles every earlier interval.
 */
export function byInterval(reached: Int8Array, horizons: number): Int8Array {
  const out = new Int8Array(reached.length).fill(-1)
  for (let start = 0; start < reached.length; start += horizons) {
    // The last horizon by which it is known not to have been reached: all intervals up to it passed without.
    const without = reached.subarray(start, start + horizons).lastIndexOf(0)
    out.fill(0, start, start + without + 1)
    const next = without + 1
    if (next < horizons && reached[start + next] === 1) out[start + next] = 1
  }
  return out
}
