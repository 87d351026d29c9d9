/** What a split must satisfy, and what makes its gain; see TrainOptions for the names. */
export interface SplitRules {
  readonly l2: number
  readonly l1: number
  readonly minSplitGain: number
  readonly minChildWeight: number
  readonly minRowsPerLeaf: number
  /** Bound on a leaf before the learning rate; 0 for none. */
  readonly maxDeltaStep: number
  /** Per slot 1 (rising), -1 (falling) or 0; undefined where no column is constrained. */
  readonly monotone: Int8Array | undefined
}

/** Sums over the rows of a node, in fixed-point units. */
export interface NodeSums {
  readonly gradient: number
  readonly hessian: number
}

/** The values that a leaf below a node may take, before the learning rate; set by monotone constraints. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/** No bounds. */
export const UNBOUNDED: Bounds = { low: -Infinity, high: Infinity }

/** Bounds of the left and the right child where values rise (1) or fall (-1) from left to right: `middle` parts them. */
export function partBounds({ low, high }: Bounds, direction: number, middle: number): readonly [Bounds, Bounds] {
  const lower = { low, high: middle }
  const upper = { low: middle, high }
  return direction > 0 ? [lower, upper] : [upper, lower]
}

/** Sums in units of the loss. */
export interface RealSums {
  readonly gradient: number
  readonly hessian: number
}

/**
 * The best value of a leaf before the learning rate: -T(G) / (H + l2) with T shrinking |G| by l1 (XGBoost's
 * regularised leaf, Chen and Guestrin 2016, eq. 5), kept within its bounds; 0 where H + l2 is 0.
 */
export function leafWeight({ gradient, hessian }: RealSums, rules: SplitRules, { low, high }: Bounds): number {
  const shrunk = Math.sign(gradient) * Math.max(Math.abs(gradient) - rules.l1, 0)
  const divisor = hessian + rules.l2
  if (divisor <= 0) return Math.min(high, Math.max(low, 0))
  const step = rules.maxDeltaStep
  const weight = -shrunk / divisor
  const bounded = step > 0 ? Math.min(step, Math.max(-step, weight)) : weight
  return Math.min(high, Math.max(low, bounded))
}

/** Twice the loss that a leaf of this weight saves: -(2 G w + (H + l2) w^2 + 2 l1 |w|). */
export function leafScore({ gradient, hessian }: RealSums, weight: number, { l1, l2 }: SplitRules): number {
  return -(2 * gradient * weight + (hessian + l2) * weight * weight + 2 * l1 * Math.abs(weight))
}
