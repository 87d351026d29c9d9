import { abs, add, less, mul, softplus, sub, where } from './elementwise.ts'
import type { Value } from './graph.ts'
import { sumAll } from './reduce.ts'

/**
 * Sum of weight (softplus(z) - target z): the cross entropy of logits z against targets in [0, 1], all of one shape. A
 * weight of 0 leaves an element out.
 */
export function logisticLoss(logits: Value, target: Value, weight: Value): Value {
  return sumAll(mul(sub(softplus(logits), mul(logits, target)), weight))
}

/** Sum of weight h(x - target), h(e) = e^2 / 2 where |e| < 1, else |e| - 1/2 (Huber's loss, smooth L1). */
export function smoothL1Loss(x: Value, target: Value, weight: Value): Value {
  const size = abs(sub(x, target))
  const near = mul(mul(size, size), 0.5)
  return sumAll(mul(where(less(size, 1), near, add(size, -0.5)), weight))
}

/** Sum of weight (x - target)^2. */
export function squaredLoss(x: Value, target: Value, weight: Value): Value {
  const error = sub(x, target)
  return sumAll(mul(mul(error, error), weight))
}
