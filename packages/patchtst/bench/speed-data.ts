import type { ModelOptions, SequenceSet } from '@breakwater/patchtst'

/** A network of the comparison: layer norm and no residual attention, as in PyTorch's own encoder. */
export interface SpeedCase {
  readonly width: number
  readonly layers: number
  readonly feedForward: number
}

/** Widths of the comparison. */
export const CASES: readonly SpeedCase[] = [
  { width: 16, layers: 3, feedForward: 128 },
  { width: 64, layers: 3, feedForward: 128 },
  { width: 128, layers: 4, feedForward: 256 },
]

/** Samples of a batch, channels and steps: 14 patches of 16 steps, 8 apart. */
export const BATCH = 128
const CHANNELS = 8
const LENGTH = 120

/** Options of a case's network. */
export function speedModel({ width, layers, feedForward }: SpeedCase, dropout: number): ModelOptions {
  return {
    width,
    layers,
    feedForward,
    heads: 4,
    patchLength: 16,
    stride: 8,
    endPadding: false,
    norm: 'layer',
    residualAttention: false,
    instanceNorm: false,
    dropout,
    attentionDropout: dropout,
  }
}

/** Seeded noise with labels, all observed. */
export function speedData(samples: number): SequenceSet {
  let state = 7
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32 - 0.5
  }
  return {
    source: 'noise',
    samples,
    length: LENGTH,
    channels: CHANNELS,
    channelNames: Array.from({ length: CHANNELS }, (_, i) => `c${i}`),
    x: Float32Array.from({ length: samples * LENGTH * CHANNELS }, next),
    mask: new Uint8Array(samples * LENGTH).fill(1),
    statics: 0,
    staticNames: [],
    staticValues: new Float32Array(),
    labels: {
      direction: Int8Array.from({ length: samples }, () => (next() < 0 ? 0 : 1)),
      strength: Float32Array.from({ length: samples }, () => 4 * next()),
    },
  }
}
