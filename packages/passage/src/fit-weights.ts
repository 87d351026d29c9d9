import { type Outcomes, type Weighting, weighting } from './composite.ts'
import type { ExpertValues } from './expert-values.ts'

/** How {@link fitWeights} works; all have defaults. */
export interface FitWeightsOptions {
  /**
   * Weight of a uniform Dirichlet prior against the mean log loss; it keeps every weight above about prior / experts.
   * Default 3e-4.
   */
  readonly prior?: number
  /** Ends where {@link WeightsFit.gap} is below; default 1e-4. */
  readonly tolerance?: number
  /** Ends after so many passes over the rows; default 600. */
  readonly maxPasses?: number
}

/** Fitted weights, and how the fit went. */
export interface WeightsFit {
  /** One for each expert, positive, with sum 1. */
  readonly weights: number[]
  /** Composite log loss of the weights, without the prior. */
  readonly loss: number
  /** The objective (loss and prior) before each accepted step; never rises. */
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
 * w_k = A_k / (B_k + nu). So the objective falls with every step. Two steps are extrapolated (SQUAREM, Varadhan and
 * Roland 2008) and the result kept only where it is no worse. Cost: rows x questions x experts for each pass.
 *
 * Throws on sizes or numbers out of range.
 */
export function fitWeights(values: ExpertValues, outcomes: Outcomes, options: FitWeightsOptions = {}): WeightsFit {
  const { prior = 3e-4, tolerance = 1e-4, maxPasses = 600 } = options
  checkOptions({ prior, tolerance, maxPasses })
  const problem = { values, weights: weighting(values, outcomes), prior }
  let current = pass(problem, new Float64Array(values.experts).fill(1 / values.experts))
  const history = [current.objective]
  let passes = 1
  while (current.gap >= tolerance && passes + 3 <= maxPasses) {
    const second = pass(problem, current.next)
    const jump = pass(problem, extrapolate(current.at, second.at, second.next))
    passes += 2
    history.push(second.objective)
    if (jump.objective <= second.objective) history.push(jump.objective)
    current = jump.objective <= second.objective ? jump : pass(problem, second.next)
    if (current !== jump) {
      passes++
      history.push(current.objective)
    }
  }
  const { at, loss, gap } = current
  return { weights: [...at], loss, history, gap, converged: gap < tolerance }
}

interface Problem {
  readonly values: ExpertValues
  readonly weights: Weighting
  readonly prior: number
}

interface Pass {
  readonly at: Float64Array
  readonly next: Float64Array
  readonly loss: number
  readonly objective: number
  readonly gap: number
}

/** Sums over rows that the bound is made of. */
interface Sums {
  loss: number
  /** Added to every component of `up`. */
  flat: number
  /** A_k / w_k less `flat`. */
  readonly up: Float64Array
  readonly down: Float64Array
}

const TINY = 1e-12
const HALVINGS = 80

function pass({ values, weights, prior }: Problem, at: Float64Array): Pass {
  const sums = { loss: 0, flat: 0, up: new Float64Array(at.length), down: new Float64Array(at.length) }
  addRows(values, weights, at, sums)
  const each = prior / at.length
  let objective = sums.loss
  let mean = 0
  let least = Infinity
  const up = new Float64Array(at.length)
  for (let k = 0; k < at.length; k++) {
    const weight = at[k] as number
    up[k] = weight * ((sums.up[k] as number) + sums.flat) + each
    const slope = (sums.down[k] as number) - (up[k] as number) / weight
    objective -= each * Math.log(weight)
    mean += weight * slope
    least = Math.min(least, slope)
  }
  return { at, next: solveSimplex(up, sums.down), loss: sums.loss, objective, gap: mean - least }
}

function addRows(values: ExpertValues, weights: Weighting, at: Float64Array, sums: Sums): void {
  const { rows, questions, experts } = values
  const { labels, rowWeights, questionWeights, total } = weights
  const direction = questions - 1
  for (let row = 0; row < rows; row++) {
    const rowWeight = (rowWeights[row] as number) / total
    for (let h = 0; h < questions; h++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const weight = rowWeight * (questionWeights[h] as number)
      const from = (row * questions + h) * experts
      if (h === direction) addDirection(values.values, { from, label, weight }, at, sums)
      else addQuestion(values.values, { from, label, weight }, at, sums)
    }
  }
}

interface Term {
  readonly from: number
  readonly label: number
  readonly weight: number
}

function mixed(values: Float32Array, from: number, at: Float64Array): number {
  let sum = 0
  for (let k = 0; k < at.length; k++) sum += (at[k] as number) * (values[from + k] as number)
  return sum
}

function addScaled(values: Float32Array, from: number, scale: number, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) + scale * (values[from + k] as number)
}

function addQuestion(values: Float32Array, { from, label, weight }: Term, at: Float64Array, sums: Sums): void {
  const p = Math.min(1 - TINY, Math.max(TINY, mixed(values, from, at)))
  sums.loss -= weight * Math.log(label === 1 ? p : 1 - p)
  if (label === 0) sums.flat += weight / (1 - p)
  addScaled(values, from, label === 1 ? weight / p : -weight / (1 - p), sums.up)
}

/**
 * -log(first / left), or with `left - first` where the bounce side was first. The values of `left` lie one question
 * before.
 */
function addDirection(values: Float32Array, { from, label, weight }: Term, at: Float64Array, sums: Sums): void {
  const before = from - at.length
  const first = mixed(values, from, at)
  const left = Math.max(TINY, mixed(values, before, at))
  const side = Math.max(TINY * TINY, label === 1 ? first : left - first)
  sums.loss -= weight * Math.log(Math.min(1, side / left))
  addScaled(values, from, label === 1 ? weight / side : -weight / side, sums.up)
  if (label === 0) addScaled(values, before, weight / side, sums.up)
  addScaled(values, before, weight / left, sums.down)
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

/** SQUAREM's step in the logarithms of the weights, of the length that two steps suggest; normalised again. */
function extrapolate(zero: Float64Array, one: Float64Array, two: Float64Array): Float64Array {
  let first = 0
  let second = 0
  for (let k = 0; k < zero.length; k++) {
    const r = Math.log((one[k] as number) / (zero[k] as number))
    const v = Math.log((two[k] as number) / (one[k] as number)) - r
    first += r * r
    second += v * v
  }
  const step = second > 0 ? Math.max(1, Math.sqrt(first / second)) : 1
  const moved = zero.map((weight, k) => {
    const r = Math.log((one[k] as number) / weight)
    const v = Math.log((two[k] as number) / (one[k] as number)) - r
    return Math.log(weight) + 2 * step * r + step * step * v
  })
  const top = moved.reduce((most, value) => Math.max(most, value), -Infinity)
  const weights = moved.map((value) => Math.max(TINY, Math.exp(value - top)))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

function checkOptions(options: Required<FitWeightsOptions>): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isFinite(value) && value > 0) continue
    throw new RangeError(
      `passage: options.${name}=${value}: must be positive and finite. Leave it out for the default.`,
    )
  }
}
