/**
 * Measures predictions (see `predict`: probabilities for logistic) against labels. `weights` is one number a row, or left
 * out where every row counts the same. May not change the arrays, which are reused.
 */
export interface PermutationMetric {
  readonly higherIsBetter: boolean
  measure(labels: Float32Array, predictions: Float64Array, weights?: Float32Array): number
}

/** Metrics known by name. */
export type PermutationMetricName = 'logLoss' | 'brier' | 'auc' | 'squaredError' | 'absoluteError' | 'poissonDeviance'

/** Keeps logarithms finite where a prediction is exactly 0 or 1. */
const TINY = 1e-15

/**
 * The metric of a name: weighted means of -y log p - (1 - y) log(1 - p) (logLoss; p kept within 1e-15 of 0 and 1),
 * (y - p)^2 (brier and squaredError, one formula), |y - p| (absoluteError), 2 (y log(y / p) - y + p) (poissonDeviance; p
 * at least 1e-15); or the area under the ROC curve (auc), NaN where one class is missing. AUC throws RangeError where a label
 * is neither 0 nor 1.
 */
export function metricOf(name: PermutationMetricName): PermutationMetric {
  if (name === 'auc') return { higherIsBetter: true, measure: weightedAuc }
  const loss = LOSSES[name]
  return { higherIsBetter: false, measure: (labels, predictions, weights) => mean(loss, labels, predictions, weights) }
}

type Loss = (label: number, prediction: number) => number

const squared: Loss = (y, p) => (y - p) ** 2

const LOSSES: Readonly<Record<Exclude<PermutationMetricName, 'auc'>, Loss>> = {
  logLoss: (y, p) => {
    const inside = Math.min(1 - TINY, Math.max(TINY, p))
    return -y * Math.log(inside) - (1 - y) * Math.log(1 - inside)
  },
  brier: squared,
  squaredError: squared,
  absoluteError: (y, p) => Math.abs(y - p),
  poissonDeviance: (y, p) => {
    const mu = Math.max(TINY, p)
    return 2 * ((y > 0 ? y * Math.log(y / mu) : 0) - y + mu)
  },
}

function mean(loss: Loss, labels: Float32Array, predictions: Float64Array, weights?: Float32Array): number {
  let sum = 0
  let total = 0
  for (let r = 0; r < labels.length; r++) {
    const weight = weights ? (weights[r] as number) : 1
    sum += weight * loss(labels[r] as number, predictions[r] as number)
    total += weight
  }
  return sum / total
}

function checkBinary(labels: Float32Array): void {
  const row = labels.findIndex((label) => label !== 0 && label !== 1)
  if (row >= 0) throw new RangeError(`trees: labels: ${labels[row]} among the measured rows: auc needs labels 0 and 1`)
}

/** Share of (label 1, label 0) pairs, by product of weights, that the predictions put in order; ties count half. */
function weightedAuc(labels: Float32Array, predictions: Float64Array, weights?: Float32Array): number {
  checkBinary(labels)
  const order = Int32Array.from(labels.keys()).toSorted(
    (a, b) => (predictions[a] as number) - (predictions[b] as number),
  )
  let below = 0
  let ones = 0
  let inOrder = 0
  for (let from = 0, to = 0; from < order.length; from = to) {
    const tied = { one: 0, zero: 0 }
    for (; to < order.length && predictions[order[to] as number] === predictions[order[from] as number]; to++) {
      const row = order[to] as number
      tied[labels[row] === 1 ? 'one' : 'zero'] += weights ? (weights[row] as number) : 1
    }
    inOrder += tied.one * (below + tied.zero / 2)
    ones += tied.one
    below += tied.zero
  }
  return inOrder / (ones * below)
}
