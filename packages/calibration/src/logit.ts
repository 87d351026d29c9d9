import { LOG_LOSS_EPSILON } from './log-loss.ts'

/** Log odds ln(p / (1 - p)) of a probability that is first clipped to [1e-15, 1 - 1e-15]: within 34.54 of 0. */
export function logit(p: number): number {
  const clipped = clip(p)
  return Math.log(clipped) - Math.log1p(-clipped)
}

/** 1 / (1 + e^-x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** A probability kept in [1e-15, 1 - 1e-15], so that its logarithms are finite. */
export const clip = (p: number): number => Math.min(1 - LOG_LOSS_EPSILON, Math.max(LOG_LOSS_EPSILON, p))
