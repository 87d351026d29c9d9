import type { ModelOptions, SequenceSet } from '@breakwater/patchtst'

/** Seeded uniform numbers in [0, 1). */
export function uniforms(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How planted sequences are made. */
export interface PlantedOptions {
  readonly samples: number
  readonly seed: number
  readonly length?: number
  /** Steps of padding at most. */
  readonly padding?: number
  /** Whether labels are drawn without regard to the sequences. */
  readonly shuffled?: boolean
  readonly source?: string
}

/**
 * Two channels of noise. The first holds a bump at a random place: upwards for a break, downwards for a bounce. The strength
 * is the bump's sign times the first static. One label in ten is missing. Reach: one curve of two intervals, the first
 * reached by breaks.
 */
export function planted(options: PlantedOptions): SequenceSet {
  const { samples, seed, length = 24, padding = 8, shuffled = false, source = 'planted' } = options
  const next = uniforms(seed)
  const x = new Float32Array(samples * length * 2)
  const mask = new Uint8Array(samples * length)
  const staticValues = new Float32Array(samples * 2)
  const direction = new Int8Array(samples)
  const strength = new Float32Array(samples)
  const reach = new Int8Array(samples * 2)
  for (let sample = 0; sample < samples; sample++) {
    const first = Math.floor(next() * (padding + 1))
    const sign = next() < 0.5 ? -1 : 1
    const peak = first + 3 + Math.floor(next() * (length - first - 6))
    staticValues.set([next() * 4, 100 * next()], sample * 2)
    for (let step = first; step < length; step++) {
      const bump = sign * 3 * Math.exp(-((step - peak) ** 2) / 4)
      x.set([50 + bump + next(), 10 * next()], (sample * length + step) * 2)
      mask[sample * length + step] = 1
    }
    const told = shuffled ? (next() < 0.5 ? -1 : 1) : sign
    const known = next() < 0.9
    direction[sample] = known ? (told + 1) / 2 : -1
    strength[sample] = known ? told * (staticValues[sample * 2] ?? 0) : Number.NaN
    reach.set(told > 0 ? [1, -1] : [0, next() < 0.5 ? 0 : 1], sample * 2)
  }
  return {
    source,
    samples,
    length,
    channels: 2,
    channelNames: ['close', 'volume'],
    x,
    mask,
    statics: 2,
    staticNames: ['distance', 'minute'],
    staticValues,
    labels: { direction, strength, reach },
  }
}

/** A network that learns in seconds. */
export const SMALL: ModelOptions = {
  patchLength: 6,
  stride: 3,
  layers: 2,
  width: 16,
  heads: 2,
  feedForward: 32,
  dropout: 0.1,
}

/** The chance that a break is given a higher score than a bounce. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let [above, pairs] = [0, 0]
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < labels.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue
      const [a, b] = [scores[i] ?? Number.NaN, scores[j] ?? Number.NaN]
      above += a > b ? 1 : a === b ? 0.5 : 0
      pairs++
    }
  }
  return above / pairs
}
