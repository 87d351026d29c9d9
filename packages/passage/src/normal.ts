/**
 * Coefficients of W. J. Cody, "Rational Chebyshev approximations for the error function", 1969, in falling order of
 * power.
 */
const NEAR_UP = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694]
const NEAR_DOWN = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
const MIDDLE_UP = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
]
const MIDDLE_DOWN = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
]
const FAR_UP = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
]
const FAR_DOWN = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
]
const NEAR = 0.46875
const FAR = 4
const ROOT_PI = Math.sqrt(Math.PI)

const polynomial = (coefficients: readonly number[], z: number): number => {
  let sum = 0
  for (const c of coefficients) sum = sum * z + c
  return sum
}

const errorFunctionNear = (u: number): number => (u * polynomial(NEAR_UP, u * u)) / polynomial(NEAR_DOWN, u * u)

/**
 * exp(u^2) erfc(u) for u >= 0, relative error below 1e-15 (Cody 1969). It falls from 1 to 1/(u sqrt(pi)): no overflow.
 */
export function erfcx(u: number): number {
  if (u <= NEAR) return Math.exp(u * u) * (1 - errorFunctionNear(u))
  if (u <= FAR) return polynomial(MIDDLE_UP, u) / polynomial(MIDDLE_DOWN, u)
  const z = 1 / (u * u)
  return (1 / ROOT_PI - (z * polynomial(FAR_UP, z)) / polynomial(FAR_DOWN, z)) / u
}

/** Complementary error function, relative error below 1e-13 until it underflows at 26.5. */
export function erfc(u: number): number {
  if (Math.abs(u) <= NEAR) return 1 - errorFunctionNear(u)
  const upper = Math.exp(-u * u) * erfcx(Math.abs(u))
  return u > 0 ? upper : 2 - upper
}

/** Distribution function of the standard normal, accurate in both tails. */
export const normalCdf = (z: number): number => 0.5 * erfc(-z * Math.SQRT1_2)

/** Density of the standard normal. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
