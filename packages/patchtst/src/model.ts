import type { PatchTstConfig } from './config.ts'

/** A network and its weights: plain data. */
export interface PatchTstModel {
  readonly config: PatchTstConfig
  /** All learnt numbers one after another, in the order of `namedWeights`. */
  readonly weights: Float32Array
  /** Means and variances that batch normalisation uses in inference; empty with layer normalisation. */
  readonly statistics: Float32Array
  /** Means of the statics over the training samples, and what they are divided by. */
  readonly staticMean: Float32Array
  readonly staticScale: Float32Array
}
