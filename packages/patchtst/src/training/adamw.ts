/** Arrays that AdamW works on, all of one length. */
export interface AdamWState {
  /** Read and written. */
  readonly weights: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  /** Read: the gradient. */
  readonly gradient: Float32Array
  /** Read: 1 where weight decay applies. */
  readonly decays: Uint8Array
}

/** Numbers of one step. */
export interface AdamWStep {
  readonly learningRate: number
  readonly weightDecay: number
  /** 1 for the first step of these weights. */
  readonly t: number
  /** What the gradient is multiplied by. */
  readonly scale: number
}

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/**
 * One step of AdamW (Loshchilov and Hutter 2019) on the elements [from, to), in place: w (1 - lr decay) - lr m' / (sqrt v' +
 * 1e-8), with m' and v' corrected for their start at 0. Computed in 64 bits, kept in 32.
 */
export function adamW(state: AdamWState, step: AdamWStep, from: number, to: number): void {
  const { weights, m, v, gradient, decays } = state
  const { learningRate, weightDecay, t, scale } = step
  const rate = learningRate / (1 - BETA1 ** t)
  const correction = 1 / Math.sqrt(1 - BETA2 ** t)
  const keep = 1 - learningRate * weightDecay
  for (let i = from; i < to; i++) {
    const g = (gradient[i] ?? 0) * scale
    const first = BETA1 * (m[i] ?? 0) + (1 - BETA1) * g
    const second = BETA2 * (v[i] ?? 0) + (1 - BETA2) * g * g
    m[i] = first
    v[i] = second
    const weight = weights[i] ?? 0
    weights[i] =
      (decays[i] === 1 ? weight * keep : weight) - (rate * first) / (Math.sqrt(second) * correction + EPSILON)
  }
}
