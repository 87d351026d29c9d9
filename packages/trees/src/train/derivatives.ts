import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { RegionViews } from '../engine/memory.ts'
import type { BoostingState } from './boosting.ts'
import type { LossSums } from './objectives.ts'

/** What {@link computeDerivatives} needs of a head's state. */
type State = Pick<BoostingState, 'engine' | 'plan' | 'loss' | 'train'>

/**
 * Writes the weighted derivatives of every training row at its current score to the engine's region, and returns their sums
 * and the loss's. The kernel does logistic and squared; the others are computed here in 64 bits.
 */
export function computeDerivatives(state: State): LossSums {
  const { engine, plan } = state
  if (plan.objective === 'logistic' || plan.objective === 'squared') {
    engine.kernel[plan.objective]()
    const [gradient = 0, hessian = 0, loss = 0] = engine.views.sums
    return { gradient, hessian, loss }
  }
  if (plan.custom) plan.custom.derivatives(state.train.rows, ...customArrays(state))
  else rowByRow(state)
  return weighted(state)
}

function customArrays({ engine }: State): [Float32Array, Float32Array, Float32Array] {
  return [engine.views.scores, engine.views.gradients, engine.views.hessians]
}

function rowByRow({ engine, loss, train }: State): void {
  const { scores, labels, gradients, hessians } = engine.views
  const out = { gradient: 0, hessian: 0 }
  for (const row of train.rows) {
    loss.derivatives?.(scores[row] as number, labels[row] as number, out)
    gradients[row] = out.gradient
    hessians[row] = out.hessian
  }
}

/** Multiplies by the weights and sums. */
function weighted({ engine, loss, plan, train }: State): LossSums {
  const { scores, labels, weights, gradients, hessians } = engine.views
  const sums = { gradient: 0, hessian: 0, loss: 0 }
  for (const row of train.rows) {
    const w = weights[row] as number
    const g = (gradients[row] as number) * w
    const h = (hessians[row] as number) * w
    if (!Number.isFinite(g) || !(h >= 0 && h < Infinity)) {
      throw new RangeError(
        `trees: head ${JSON.stringify(plan.name)}: ${plan.objective} derivatives of row ${row}: g=${g}, h=${h}: ` +
          'must be finite, h 0 or more. Check the labels, or the loss',
      )
    }
    gradients[row] = g
    hessians[row] = h
    sums.gradient += Math.abs(g)
    sums.hessian += h
    sums.loss += w * loss.loss(scores[row] as number, labels[row] as number)
  }
  return sums
}

/**
 * Rounds the gradients of the first `count` rows of the order to `levels` steps between the extremes, up or
 * down at random so that each is kept in the mean (Shi et al. 2022, "Quantized training of gradient boosting decision trees",
 * section 4.1). Gradients are read and written; a gradient of 0 stays 0. Linear in rows.
 */
export function roundGradients(
  { order, gradients }: Pick<RegionViews, 'order' | 'gradients'>,
  count: number,
  levels: number,
  random: RandomGenerator,
): void {
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(gradients[order[i] as number] as number))
  const step = (2 * largest) / levels
  if (step === 0) return
  for (let i = 0; i < count; i++) {
    const row = order[i] as number
    gradients[row] = step * Math.floor((gradients[row] as number) / step + (random.next() >>> 0) / 2 ** 32)
  }
}
