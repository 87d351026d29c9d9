import type { ReachLabels, SequenceData } from './sequences-data.ts'
import { sequenceError } from './sequences-data.ts'

/**
 * Sequences of several files as one, in the order given. Throws where two differ in length, channels, statics, or reach
 * curves and horizons, naming both files and the array. Copies once; O(values).
 */
export function joinSequences(parts: readonly SequenceData[]): SequenceData {
  const [first, ...rest] = parts
  if (first === undefined) throw new RangeError('patchtst: parts=[]: must have at least one set of sequences.')
  for (const part of rest) checkSame(first, part)
  if (rest.length === 0) return first
  const samples = parts.reduce((sum, part) => sum + part.samples, 0)
  return {
    ...first,
    source: `${first.source} and ${rest.length} more`,
    samples,
    x: fill(new Float32Array(samples * first.length * first.channelNames.length), parts, ({ x }) => x),
    mask: fill(new Uint8Array(samples * first.length), parts, ({ mask }) => mask),
    statics: fill(new Float32Array(samples * first.staticNames.length), parts, ({ statics }) => statics),
    yBreak: fill(new Int8Array(samples), parts, ({ yBreak }) => yBreak),
    yStrength: fill(new Float32Array(samples), parts, ({ yStrength }) => yStrength),
    reach: joinReach(first.reach, samples, parts),
    eventIds: parts.flatMap(({ eventIds }) => eventIds),
    tsNs: fill(new BigInt64Array(samples), parts, ({ tsNs }) => tsNs),
  }
}

/** Throws unless `other` has the length, channels, statics and reach labels of `first`, naming both and the array. */
export function checkSame(first: SequenceData, other: SequenceData): void {
  const rules: readonly (readonly [array: string, of: (data: SequenceData) => readonly (string | number)[]])[] = [
    ['X', ({ length }) => [`${length} steps`]],
    ['seq_feature_names', ({ channelNames }) => channelNames],
    ['static_feature_names', ({ staticNames }) => staticNames],
    ['reach_curve_names', ({ reach }) => reach?.curves ?? []],
    ['reach_horizons_s', ({ reach }) => reach?.horizons ?? []],
  ]
  for (const [array, of] of rules) {
    const [wanted, found] = [of(first), of(other)]
    const at = Array.from({ length: Math.max(wanted.length, found.length) }).findIndex((_, i) => wanted[i] !== found[i])
    if (at === -1) continue
    throw sequenceError(
      other.source,
      array,
      `has ${found[at] ?? 'nothing'} at place ${at}, and ${first.source} has ${wanted[at] ?? 'nothing'}. Write both with the same options.`,
    )
  }
}

interface Settable<T> {
  set(values: T, at: number): void
}

function fill<T extends Settable<T> & { readonly length: number }>(
  out: T,
  parts: readonly SequenceData[],
  pick: (part: SequenceData) => T,
): T {
  let at = 0
  for (const part of parts) {
    const values = pick(part)
    out.set(values, at)
    at += values.length
  }
  return out
}

function joinReach(first: ReachLabels | null, samples: number, parts: readonly SequenceData[]): ReachLabels | null {
  if (first === null) return null
  const values = new Int8Array(samples * first.curves.length * first.horizons.length)
  return { ...first, values: fill(values, parts, ({ reach }) => reach?.values ?? new Int8Array()) }
}
