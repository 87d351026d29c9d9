import type { ExpertValues } from './expert-values.ts'

/** Outcomes of the questions of many moments. */
export interface Outcomes {
  /** `labels[row * questions + h]`: 1 happened, 0 did not, -1 masked. Direction: 1 where the break side was first. */
  readonly labels: Int8Array
  /** Weight of each row, e.g. its uniqueness; 1 when absent. */
  readonly rowWeights?: ArrayLike<number>
  /**
   * Weight of each question; by default one over its share of unmasked rows (at least 2%) and the number of questions.
   */
  readonly questionWeights?: ArrayLike<number>
}

/** Outcomes with every default filled in. */
export interface Weighting {
  readonly labels: Int8Array
  readonly rowWeights: ArrayLike<number>
  readonly questionWeights: ArrayLike<number>
  /** Sum of row weights. */
  readonly total: number
}

const LEAST_SHARE = 0.02

/**
 * Weights of the composite log loss: sum over rows and questions of row weight x question weight x log loss, over the
 * sum of row weights. With the default question weights it is the mean over questions of their mean log loss. Throws on
 * sizes that differ, labels other than 1, 0, -1, weights below 0, and where no row counts.
 */
export function weighting(
  { rows, questions }: Pick<ExpertValues, 'rows' | 'questions'>,
  outcomes: Outcomes,
): Weighting {
  const { labels } = outcomes
  const rowWeights = outcomes.rowWeights ?? new Float64Array(rows).fill(1)
  checkLength('labels', labels.length, rows * questions)
  checkLength('rowWeights', rowWeights.length, rows)
  const at = labels.findIndex((label) => label !== 1 && label !== 0 && label !== -1)
  if (at >= 0) {
    throw new RangeError(`passage: outcomes.labels[${at}]=${labels[at]}: must be 1, 0 or -1 (masked).`)
  }
  checkWeights('rowWeights', rowWeights)
  let total = 0
  for (let row = 0; row < rows; row++) total += rowWeights[row] as number
  if (!(total > 0)) {
    throw new RangeError(`passage: outcomes.rowWeights: have sum ${total}: must be positive. Is the set empty?`)
  }
  const questionWeights = outcomes.questionWeights ?? evenWeights(labels, rows, questions)
  checkLength('questionWeights', questionWeights.length, questions)
  checkWeights('questionWeights', questionWeights)
  return { labels, rowWeights, questionWeights, total }
}

function evenWeights(labels: Int8Array, rows: number, questions: number): Float64Array {
  const asked = new Float64Array(questions)
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== -1) asked[i % questions] = (asked[i % questions] as number) + 1
  }
  return asked.map((count) => 1 / (Math.max(LEAST_SHARE, count / rows) * questions))
}

function checkLength(name: string, length: number, wanted: number): void {
  if (length === wanted) return
  throw new RangeError(`passage: outcomes.${name}.length=${length}: must be ${wanted}. Is a row or question left out?`)
}

function checkWeights(name: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    if (Number.isFinite(weights[i]) && (weights[i] as number) >= 0) continue
    throw new RangeError(`passage: outcomes.${name}[${i}]=${weights[i]}: must be finite and at least 0.`)
  }
}
