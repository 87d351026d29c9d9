import type { Objective } from '../model/model.ts'

/** Rows of one head with what the loss needs of them. `labels` and `weights` are indexed by matrix row. */
export interface Samples {
  /** Matrix rows in use. */
  readonly rows: Int32Array
  readonly labels: Float32Array
  /** Undefined means 1 for every row. */
  readonly weights: Float32Array | undefined
}

/** Sums of |g|, h and the loss, weighted. */
export interface LossSums {
  readonly gradient: number
  readonly hessian: number
  readonly loss: number
}

/** A loss of the caller's own. Raw scores are the predictions; see {@link CustomObjective.derivatives}. */
export interface CustomObjective {
  /**
   * Writes the first and second derivative of each row's loss by its score to `gradients[row]` and `hessians[row]`, for
   * `row` of `rows`; hessians of 0 or more. Weights are applied by the trainer.
   */
  readonly derivatives: (
    rows: Int32Array,
    scores: Float32Array,
    gradients: Float32Array,
    hessians: Float32Array,
  ) => void
  /** The loss of one row, for curves and early stopping. */
  readonly loss: (score: number, label: number) => number
  /** Score before the first tree. Default 0. */
  readonly baseScore?: number
}

/** What an objective needs beside its name. */
export interface ObjectiveOptions {
  /** In (0, 1). */
  readonly quantile: number
  /** Where huber turns from squared to absolute, above 0. */
  readonly huberDelta: number
  readonly custom: CustomObjective | undefined
}

/** One objective: derivatives are by the raw score s, for a row of weight 1 and label y. */
export interface LossFunction {
  readonly baseScore: (samples: Samples) => number
  /** The loss of one row. */
  readonly loss: (score: number, label: number) => number
  /** The sum of it over unweighted rows, where there is a way that is faster than one by one. */
  readonly lossSum?: (samples: Samples, scores: Float64Array) => number
  /** Writes g and h of one row; undefined where the kernel computes them for all. */
  readonly derivatives?: (score: number, label: number, out: Derivatives) => void
  /** The quantile of a leaf's residuals y - s that becomes its value; undefined where Newton's step does. */
  readonly leafQuantile?: number
  /** The largest value that a leaf with these sums may add to the score; undefined where Newton's step is safe. */
  readonly maxWeight?: (sums: Readonly<Derivatives>) => number
  /** Gradients of a row of weight 1 below this are rounding, given the largest |label|. */
  readonly minGradient: (largestLabel: number) => number
}

/** First and second derivative of one row. */
export interface Derivatives {
  gradient: number
  hessian: number
}

/** Keeps Poisson's steps short: its hessian is e^0.7 times larger than the second derivative (LightGBM, XGBoost). */
const POISSON_CAUTION = Math.exp(0.7)

/** The loss function of an objective. */
export function lossFunctionOf(objective: Objective, { quantile, huberDelta, custom }: ObjectiveOptions): LossFunction {
  const losses: Readonly<Record<Objective, LossFunction>> = {
    logistic: { baseScore: logOdds, loss: logisticLoss, lossSum: logisticLossSum, minGradient },
    squared: { baseScore: meanLabel, loss: (s, y) => (s - y) ** 2, minGradient: minDifference },
    absolute: { ...pinball(0.5), loss: (s, y) => Math.abs(s - y) },
    quantile: pinball(quantile),
    huber: huber(huberDelta),
    poisson,
    custom: {
      baseScore: () => custom?.baseScore ?? 0,
      loss: (s, y) => custom?.loss(s, y) ?? 0,
      minGradient,
    },
  }
  return losses[objective]
}

/** Which labels an objective takes, and the rule in words. */
export function labelRule(objective: Objective): readonly [(label: number) => boolean, string] {
  if (objective === 'logistic') return [(y) => y === 0 || y === 1, 'must be 0 or 1 for a logistic head']
  if (objective === 'poisson')
    return [(y) => y >= 0 && y < Infinity, 'must be a number of 0 or more for a poisson head']
  return [(y) => Number.isFinite(y), 'must be a finite number']
}

/** Where gradients are of the order of 1. */
const minGradient = (): number => 2 ** -24

/** Where the gradient is a difference of label and score, both of 32 bits. */
const minDifference = (largestLabel: number): number => Math.max(1e-30, largestLabel * 2 ** -22)

/**
 * The logarithm of what labels add up to over what means do, where Newton's step overshoots it: with G = sum m - sum y and
 * H = c sum m that is log(1 - c G / H). A leaf of counts far above their means would else jump beyond them by its square.
 */
function poissonStep({ gradient, hessian }: Derivatives): number {
  return gradient < 0 ? Math.log1p((-POISSON_CAUTION * gradient) / hessian) : Infinity
}

/** Weighted mean of the labels. */
function meanLabel({ rows, labels, weights }: Samples): number {
  let sum = 0
  let weight = 0
  for (const row of rows) {
    const w = weights ? (weights[row] as number) : 1
    sum += w * (labels[row] as number)
    weight += w
  }
  return sum / weight
}

/** The log-odds of the weighted share of ones. */
function logOdds(samples: Samples): number {
  const share = meanLabel(samples)
  return Math.log(share / (1 - share))
}

/** Binary cross entropy: log(1 + e^s) - y s, written not to overflow. */
function logisticLoss(s: number, y: number): number {
  return Math.log1p(Math.exp(-Math.abs(s))) + Math.max(y === 1 ? -s : s, 0)
}

/** A product whose double is still finite. */
const LARGE = 1e300

/** The sum of {@link logisticLoss}: one logarithm, of a product, for hundreds of rows. */
function logisticLossSum({ rows, labels }: Samples, scores: Float64Array): number {
  let sum = 0
  let factors = 1
  for (const row of rows) {
    const s = scores[row] as number
    factors *= 1 + Math.exp(-Math.abs(s))
    if (factors > LARGE) {
      sum += Math.log(factors)
      factors = 1
    }
    sum += Math.max(labels[row] === 1 ? -s : s, 0)
  }
  return sum + Math.log(factors)
}

/** Pinball loss: q (y - s) above, (1 - q)(s - y) below (Koenker and Bassett 1978). Leaves are quantiles of residuals. */
function pinball(q: number): LossFunction {
  return {
    baseScore: ({ rows, labels, weights }) =>
      weightedQuantile(
        rows,
        (row) => labels[row] as number,
        (row) => weights?.[row] ?? 1,
        q,
      ),
    loss: (s, y) => (y >= s ? q * (y - s) : (1 - q) * (s - y)),
    derivatives: (s, y, out) => {
      out.gradient = y > s ? -q : 1 - q
      out.hessian = 1
    },
    leafQuantile: q,
    minGradient,
  }
}

/** Squared within delta of the label, absolute beyond: (s - y)^2 / 2 or delta (|s - y| - delta / 2) (Huber 1964). */
function huber(delta: number): LossFunction {
  return {
    baseScore: meanLabel,
    loss: (s, y) => {
      const distance = Math.abs(s - y)
      return distance <= delta ? distance ** 2 / 2 : delta * (distance - delta / 2)
    },
    derivatives: (s, y, out) => {
      out.gradient = Math.min(delta, Math.max(-delta, s - y))
      out.hessian = 1
    },
    // A small delta must not drown in the rounding of large labels: beyond it gradients are delta, exactly.
    minGradient: (largestLabel) => Math.min(minDifference(largestLabel), delta * 2 ** -12),
  }
}

/** Poisson deviance up to a constant: e^s - y s; s is the logarithm of the mean. */
const poisson: LossFunction = {
  baseScore: (samples) => Math.log(meanLabel(samples)),
  loss: (s, y) => Math.exp(s) - y * s,
  derivatives: (s, y, out) => {
    const mean = Math.exp(s)
    out.gradient = mean - y
    out.hessian = mean * POISSON_CAUTION
  },
  maxWeight: poissonStep,
  minGradient,
}

/**
 * The weighted quantile of values over rows: the least value whose rows at or below it hold at least q of the weight.
 * NaN for no rows. Cost: O(n log n).
 */
export function weightedQuantile(
  rows: Int32Array,
  valueOf: (row: number) => number,
  weightOf: (row: number) => number,
  q: number,
): number {
  const sorted = Array.from(rows, (row) => ({ value: valueOf(row), weight: weightOf(row) })).toSorted(
    (a, b) => a.value - b.value,
  )
  const target = q * sorted.reduce((sum, { weight }) => sum + weight, 0)
  let reached = 0
  for (const { value, weight } of sorted) {
    reached += weight
    if (reached >= target) return value
  }
  return sorted.at(-1)?.value ?? Number.NaN
}

/** Mean weighted loss of the rows at these scores (by matrix row). NaN for no rows. */
export function meanLoss(
  samples: Samples,
  scores: Float64Array,
  { loss, lossSum }: Pick<LossFunction, 'loss' | 'lossSum'>,
): number {
  const { rows, labels, weights } = samples
  if (weights === undefined && lossSum !== undefined) return lossSum(samples, scores) / rows.length
  let sum = 0
  let weight = 0
  for (const row of rows) {
    const w = weights ? (weights[row] as number) : 1
    sum += w * loss(scores[row] as number, labels[row] as number)
    weight += w
  }
  return sum / weight
}
