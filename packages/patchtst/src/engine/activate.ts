import { add, erf, exp, mul, subtractFrom } from './elementwise.ts'
import { asComposite } from './graph.ts'
import type { Value } from './graph.ts'

/**
 * The exact GELU of x, given u = x / sqrt 2: sqrt 2 GELU(x) = u (1 + erf u). Both factors of sqrt 2 belong into the products
 * before and after, which saves two passes; the gradient reuses 1 + erf u.
 */
export function scaledGelu(u: Value): Value {
  const double = add(erf(u), 1)
  const pullback = (adjoint: Value): Value[] => {
    // u d/du erf(u) = u exp(ln(2 / sqrt pi) - u^2).
    const slope = mul(exp(subtractFrom(Math.log(2 / Math.sqrt(Math.PI)), mul(u, u))), u)
    return [mul(adjoint, add(slope, double))]
  }
  return asComposite(mul(u, double), { inputs: [u], pullback })
}

/** What {@link scaledGelu} divides its input by, and what its result is divided by. */
export const GELU_SCALE: number = Math.SQRT1_2
