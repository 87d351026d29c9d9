import { erfcx } from '@breakwater/passage'
import type { Arithmetic } from './arithmetic.ts'

/** Where the argument of the series is 0. Of the centres tried this one needs the fewest terms. */
const CENTRE = 3
/** Terms of the series: relative error below 1e-12. */
const TERMS = 18

/**
 * Coefficients, by rising power of y, of the Chebyshev interpolation of (1 + 2z) erfcx(z) in y = (z - 3) / (z + 3), which takes z >= 0 to
 * [-1, 1) (Shepherd and Laframboise 1981). None is above 1.3, so that powers lose no digits.
 */
function series(): number[] {
  const nodes = Array.from({ length: TERMS }, (_, j) => (Math.PI * (j + 0.5)) / TERMS)
  const values = nodes.map((angle) => {
    const z = (CENTRE * (1 + Math.cos(angle))) / (1 - Math.cos(angle))
    return (1 + 2 * z) * erfcx(z)
  })
  const shares = nodes.map((_, k) => {
    const sum = nodes.reduce((total, angle, j) => total + (values[j] as number) * Math.cos(k * angle), 0)
    return ((k === 0 ? 1 : 2) * sum) / TERMS
  })
  const powers = new Float64Array(TERMS)
  let [before, polynomial] = [new Float64Array(TERMS), Float64Array.of(1, ...new Float64Array(TERMS - 1))]
  for (const [k, share] of shares.entries()) {
    for (let p = 0; p < TERMS; p++) powers[p] = (powers[p] as number) + share * (polynomial[p] as number)
    // T(k + 1) = 2 y T(k) - T(k - 1), and T(1) = y.
    const factor = k === 0 ? 1 : 2
    const next = polynomial.map((_, p) => factor * (polynomial[p - 1] ?? 0) - (before[p] as number))
    ;[before, polynomial] = [polynomial, next]
  }
  return [...powers]
}

const SERIES = series()

/** exp(z^2) erfc(z) of z >= 0, relative error below 1e-12: no operator of ONNX has it in 64 bits. */
export function erfcxNodes({ add, div, mul, sub }: Arithmetic, z: string): string {
  const y = div(sub(z, CENTRE), add(z, CENTRE))
  const sum = SERIES.slice(0, -1).reduceRight<string | number>((rest, c) => add(mul(rest, y), c), SERIES.at(-1) ?? 0)
  return div(sum, add(mul(z, 2), 1))
}

/**
 * `hit` of distance d >= 0 and drift m >= 0: with g = e^(-z^2), z = (d - m) / sqrt 2 and X = erfcx,
 *
 *     hit = g (X(z) + X((d + m) / sqrt 2)) / 2            d >= m
 *     hit = 1 - g (X(-z) - X((d + m) / sqrt 2)) / 2       d < m
 */
export function hitNodes(ops: Arithmetic, d: string, m: string): string {
  const { abs, add, atLeast, exp, mul, neg, sub, where } = ops
  const z = mul(sub(d, m), Math.SQRT1_2)
  const bell = mul(exp(neg(mul(z, z))), 0.5)
  const near = erfcxNodes(ops, abs(z))
  const far = erfcxNodes(ops, mul(add(d, m), Math.SQRT1_2))
  return where(atLeast(z, 0), mul(bell, add(near, far)), sub(1, mul(bell, sub(near, far))))
}
