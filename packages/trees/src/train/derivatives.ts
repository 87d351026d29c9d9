import type { Boosting } from './boosting.ts'
import type { LossSums } from './objectives.ts'

/** What {@link computeDerivatives} needs of a head's state. */
type State = Pick<Boosting, 'engine' | 'plan' | 'loss' | 'train'>

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
