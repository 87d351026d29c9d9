import type { PatchTstConfig } from '../config.ts'
import { statisticsSize, weightLayout } from '../network/layout.ts'
import { lossNames } from '../network/loss.ts'
import { LANES } from './micro-batches.ts'

/** Numbers that all threads of a training share. */
export interface TrainingState {
  readonly weights: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  /** Running statistics of batch normalisation. */
  readonly statistics: Float32Array
  readonly decays: Uint8Array
  /** The batch's gradient, after `reduce`. */
  readonly gradient: Float32Array
  /** Sums of squares of the gradient over blocks of {@link BLOCK} weights. */
  readonly squares: Float64Array
  /** For each lane the sum of its micro-batches' gradients, then of their statistics by share of the batch. */
  readonly lanes: readonly Float32Array[]
  /** For each lane the sums of its losses. */
  readonly losses: readonly Float64Array[]
  /** The order of the samples in this epoch. */
  readonly order: Int32Array
  /** Losses of evaluation: a row a micro-batch. */
  readonly evaluated: Float64Array
}

/** Weights whose squares are summed at once: the same blocks for any number of threads. */
export const BLOCK = 4096

/** Shared arrays for a network, with nothing in them yet but which weights decay. */
export function createState(config: PatchTstConfig, samples: number, evaluations: number): TrainingState {
  const { size, places } = weightLayout(config)
  const statistics = statisticsSize(config)
  const losses = lossNames(config).length
  const decays = new Uint8Array(new SharedArrayBuffer(size))
  for (const { decays: yes, offset, size: length } of places) if (yes) decays.fill(1, offset, offset + length)
  return {
    weights: floats(size),
    m: floats(size),
    v: floats(size),
    statistics: floats(statistics),
    decays,
    gradient: floats(size),
    squares: doubles(Math.ceil(size / BLOCK)),
    lanes: Array.from({ length: LANES }, () => floats(size + statistics)),
    losses: Array.from({ length: LANES }, () => doubles(losses)),
    order: new Int32Array(new SharedArrayBuffer(samples * 4)),
    evaluated: doubles(evaluations * losses),
  }
}

function floats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * 4))
}

function doubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8))
}
