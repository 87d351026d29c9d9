/** Rows of one head with what the loss needs of them. `labels` and `weights` are indexed by matrix row. */
export interface Samples {
  /** Matrix rows in use. */
  readonly rows: Int32Array
  readonly labels: Float32Array
  /** Undefined means 1 for every row. */
  readonly weights: Float32Array | undefined
}

/**
 * One objective. `scores` hold the raw score of every matrix row. `derivatives` writes, for the i-th row in use, the
 * first and second derivative of its weighted loss by the raw score, and returns the mean weighted loss, like `mean`.
 */
export interface Loss {
  readonly baseScore: (samples: Samples) => number
  readonly mean: (samples: Samples, scores: Float64Array) => number
  readonly derivatives: (samples: Samples, scores: Float64Array, g: Float64Array, h: Float64Array) => number
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

/** Mean binary cross entropy: -s + log(1 + e^s) for label 1, log(1 + e^s) for label 0, written not to overflow. */
function logisticMean({ rows, labels, weights }: Samples, scores: Float64Array): number {
  let loss = 0
  let weight = 0
  for (const row of rows) {
    const w = weights ? (weights[row] as number) : 1
    const s = scores[row] as number
    loss += w * (Math.log1p(Math.exp(-Math.abs(s))) + Math.max(labels[row] === 1 ? -s : s, 0))
    weight += w
  }
  return loss / weight
}

/** g = w (p - y), h = w p (1 - p) with p = 1 / (1 + e^-s). */
function logisticDerivatives(samples: Samples, scores: Float64Array, g: Float64Array, h: Float64Array): number {
  const { rows, labels, weights } = samples
  let loss = 0
  let weight = 0
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const w = weights ? (weights[row] as number) : 1
    const y = labels[row] as number
    const s = scores[row] as number
    const e = Math.exp(-Math.abs(s))
    g[i] = w * ((s >= 0 ? 1 : e) / (1 + e) - y)
    h[i] = (w * e) / ((1 + e) * (1 + e))
    loss += w * (Math.log1p(e) + Math.max(y === 1 ? -s : s, 0))
    weight += w
  }
  return loss / weight
}

/** Mean of (s - y)^2. */
function squaredMean({ rows, labels, weights }: Samples, scores: Float64Array): number {
  let loss = 0
  let weight = 0
  for (const row of rows) {
    const w = weights ? (weights[row] as number) : 1
    loss += w * ((scores[row] as number) - (labels[row] as number)) ** 2
    weight += w
  }
  return loss / weight
}

/** g = w (s - y), h = w: the derivatives of half the squared error. */
function squaredDerivatives(samples: Samples, scores: Float64Array, g: Float64Array, h: Float64Array): number {
  const { rows, labels, weights } = samples
  let loss = 0
  let weight = 0
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const w = weights ? (weights[row] as number) : 1
    const difference = (scores[row] as number) - (labels[row] as number)
    g[i] = w * difference
    h[i] = w
    loss += w * difference * difference
    weight += w
  }
  return loss / weight
}

/**
 * The loss of each objective. Logistic: binary cross entropy of labels 0 and 1, starting from the log-odds of the ones.
 * Squared: reported as the mean squared error, starting from the mean label.
 */
export const LOSSES: Readonly<Record<'logistic' | 'squared', Loss>> = {
  logistic: { baseScore: logOdds, mean: logisticMean, derivatives: logisticDerivatives },
  squared: { baseScore: meanLabel, mean: squaredMean, derivatives: squaredDerivatives },
}
