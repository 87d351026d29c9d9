import { anderson } from './anderson.ts'
import type { Outcomes } from './composite.ts'
import type { ExpertValues } from './expert-values.ts'
import { type WeightedRows, weightsProblem, type WeightsProblem } from './weights-problem.ts'

/** How {@link fitWeights} works; all have defaults. */
export interface FitWeightsOptions {
  /**
   * Weight of a uniform Dirichlet prior against the mean log loss; it keeps every weight above about prior / experts.
   * Default 3e-4.
   */
  readonly prior?: number
  /**
   * Directions that count beside those that were seen, half of them each way, at moments spread evenly over the rows: few events do
   * not make a side certain. A row of weight 1 is one direction. Default 0.
   */
  readonly imaginedDirections?: number
  /** Ends where {@link WeightsFit.gap} is below; default 1e-5. */
  readonly tolerance?: number
  /** Ends after so many passes over the rows; default 600. */
  readonly maxPasses?: number
}

/** Fitted weights, and how the fit went. */
export interface WeightsFit {
  /** One for each expert, positive, with sum 1. */
  readonly weights: number[]
  /** Composite log loss of the weights, without the prior and imagined directions. */
  readonly loss: number
  /** The objective (loss, prior and imagined directions) before each accepted step; never rises. */
  readonly history: number[]
  /**
   * How much the objective may still fall: Frank and Wolfe's gap, the weights' mean gradient less its least component.
   * An upper bound where no direction is asked (the objective is then convex), else a measure of stationarity.
   */
  readonly gap: number
  readonly converged: boolean
}

/**
 * Weights of a mixture by the composite log loss of all questions together (see `Outcomes`). Direction is the ratio of
 * two mixed quantities, P(break side first) / P(the band is left).
 *
 * Algorithm: majorise and minimise (Lange 2016). A log of a sum is bounded by Jensen as in EM, the log of the ratio's
 * denominator by its tangent, and the bound, sum over k of -A_k log w_k + B_k w_k, has its minimum on the simplex at
 * w_k = A_k / (B_k + nu). So the objective falls with every step. Steps are accelerated in the logarithms of the weights (see
 * `anderson`) where that is no worse. Cost: rows x questions x experts for each pass, of which there are about 70.
 *
 * Throws on sizes or numbers out of range.
 */
export function fitWeights(values: ExpertValues, outcomes: Outcomes, options: FitWeightsOptions = {}): WeightsFit {
  const { prior = 3e-4, imaginedDirections = 0, tolerance = 1e-5, maxPasses = 600 } = options
  checkOptions({ prior, tolerance, maxPasses })
  const problem = weightsProblem(values, outcomes, imaginedDirections)
  let current = pass(problem, prior, new Float64Array(values.experts).fill(1 / values.experts))
  const history = [current.objective]
  const accelerate = anderson()
  let passes = 1
  while (current.gap >= tolerance && passes + 2 <= maxPasses) {
    const ahead = accelerate(current.at.map(Math.log), current.next.map(Math.log))
    const jump = ahead === null ? null : pass(problem, prior, normalised(ahead))
    const isBetter = jump !== null && jump.objective <= current.objective
    passes += jump === null || isBetter ? 1 : 2
    current = isBetter ? jump : pass(problem, prior, current.next)
    history.push(current.objective)
  }
  const { at, loss, gap } = current
  return { weights: [...at], loss, history, gap, converged: gap < tolerance }
}

interface Pass {
  readonly at: Float64Array
  readonly next: Float64Array
  readonly loss: number
  readonly objective: number
  readonly gap: number
}

/** Probabilities and weights are kept this far above 0. */
const TINY = 1e-12
const HALVINGS = 80

function pass({ experts, seen, imagined }: WeightsProblem, prior: number, at: Float64Array): Pass {
  const [gained, missed, down] = [new Float64Array(experts), new Float64Array(experts), new Float64Array(experts)]
  const none = addLogs(seen.not, at, missed, true)
  const loss = addLogs(seen.happened, at, gained).loss + none.loss - addLogs(seen.left, at, down).loss
  const each = prior / experts
  let objective = loss + addLogs(imagined.happened, at, gained).loss - addLogs(imagined.left, at, down).loss
  let mean = 0
  let least = Infinity
  const up = new Float64Array(experts)
  for (let k = 0; k < experts; k++) {
    const weight = at[k] as number
    up[k] = weight * ((gained[k] as number) + none.scales - (missed[k] as number)) + each
    const slope = (down[k] as number) - (up[k] as number) / weight
    objective -= each * Math.log(weight)
    mean += weight * slope
    least = Math.min(least, slope)
  }
  return { at, next: solveSimplex(up, down), loss, objective, gap: mean - least }
}

/**
 * The weighted sum of the negative logarithms of probabilities, each a mixed row or, of what did not happen, its complement, and
 * the sum of weight / probability. Adds the rows times weight / probability to `sums`.
 */
function addLogs(
  { rows, weights }: WeightedRows,
  at: Float64Array,
  sums: Float64Array,
  isComplement = false,
): { readonly loss: number; readonly scales: number } {
  let [loss, scales] = [0, 0]
  rows.addScaled(
    at,
    (first, mixed) => {
      // Sums of the run: those outside would be written at every row.
      let [lost, scaled] = [0, 0]
      for (let i = 0; i < mixed.length; i++) {
        const weight = weights[first + i] as number
        const p = Math.max(TINY, isComplement ? 1 - (mixed[i] as number) : (mixed[i] as number))
        lost -= weight * Math.log(p)
        scaled += weight / p
        mixed[i] = weight / p
      }
      loss += lost
      scales += scaled
    },
    sums,
  )
  return { loss, scales }
}

/**
 * The minimum over the simplex of sum over k of -up_k log w_k + down_k w_k, up positive, down at least 0: w_k = up_k /
 * (down_k + nu), with nu such that the sum is 1, by bisection to double precision. O(k).
 */
function solveSimplex(up: Float64Array, down: Float64Array): Float64Array {
  const total = up.reduce((sum, value) => sum + value, 0)
  const least = down.reduce((low, value) => Math.min(low, value), Infinity)
  const most = down.reduce((high, value) => Math.max(high, value), -Infinity)
  let low = Math.max(total - most, -least)
  let high = total - least
  for (let i = 0; i < HALVINGS; i++) {
    const nu = 0.5 * (low + high)
    let sum = 0
    for (let k = 0; k < up.length; k++) sum += (up[k] as number) / ((down[k] as number) + nu)
    if (sum > 1) low = nu
    else high = nu
  }
  const weights = up.map((value, k) => value / ((down[k] as number) + high))
  const sum = weights.reduce((all, weight) => all + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** The weights of which these are the logarithms, with sum 1. */
function normalised(logs: Float64Array): Float64Array {
  const top = logs.reduce((most, value) => Math.max(most, value), -Infinity)
  const weights = logs.map((value) => Math.max(TINY, Math.exp(value - top)))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

function checkOptions(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isFinite(value) && value > 0) continue
    throw new RangeError(
      `passage: options.${name}=${value}: must be positive and finite. Leave it out for the default.`,
    )
  }
}
