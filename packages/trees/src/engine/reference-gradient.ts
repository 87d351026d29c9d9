import { nearest } from './fixed-point.ts'
import { MIN_ROW_HESSIAN, SUMS } from './kernel.ts'
import type { ReferenceState } from './reference-state.ts'

const { abs, fround, max } = Math

const MIN_HESSIAN = fround(MIN_ROW_HESSIAN)
const LOG2_E = fround(1.44269504)
const LN2_HIGH = fround(0.693359375)
const LN2_LOW = fround(-2.1219444e-4)
const EXP_TERMS = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]
const LOG_TERMS = [0.18181818, 0.22222222, 0.2857143, 0.4, 0.6666667, 2]

/** Horner's rule in 32 bits, highest power first. */
function polynomial(terms: readonly number[], x: number): number {
  let y = fround(terms[0] ?? 0)
  for (let i = 1; i < terms.length; i++) y = fround(fround(y * x) + fround(terms[i] as number))
  return y
}

/** e^x for x <= 0, as the kernel computes it. */
function exponential(x: number): number {
  const clipped = x < -87 ? -87 : x
  const n = nearest(fround(clipped * LOG2_E))
  const r = fround(fround(clipped - fround(n * LN2_HIGH)) - fround(n * LN2_LOW))
  const y = polynomial(EXP_TERMS, r)
  return fround(fround(fround(fround(y * fround(r * r)) + r) + 1) * 2 ** n)
}

/** log(1 + e) for e in [0, 1], as the kernel computes it. */
function log1p(e: number): number {
  const z = fround(e / fround(2 + e))
  return fround(polynomial(LOG_TERMS, fround(z * z)) * z)
}

/** Calls `row` for every entry, four at a time as the kernel does, and writes the sums of what it keeps. */
function everyRow(
  state: ReferenceState,
  row: (i: number, keep: (g: number, h: number, loss: number) => void) => void,
): void {
  const { f32, f64, at } = state
  const sums = new Float64Array(6)
  const pending = new Float64Array(12)
  const count = (at.rows + 3) & ~3
  for (let i = 0; i < count; i++) {
    const lane = i & 3
    row(i, (g, h, loss) => {
      f32[(at.gradients >> 2) + i] = g
      f32[(at.hessians >> 2) + i] = h
      pending[lane] = abs(g)
      pending[4 + lane] = h
      pending[8 + lane] = loss
    })
    if (lane < 3) continue
    for (let k = 0; k < 6; k++) {
      const first = 4 * (k >> 1) + (k & 1)
      sums[k] = (sums[k] as number) + ((pending[first] as number) + (pending[first + 2] as number))
    }
  }
  for (const [k, entry] of [SUMS.gradient, SUMS.hessian, SUMS.loss].entries()) {
    f64[(at.sums >> 3) + entry] = (sums[2 * k] as number) + (sums[2 * k + 1] as number)
  }
}

/** See `Kernel.logistic`. */
export function logistic(state: ReferenceState): void {
  const { f32, at } = state
  everyRow(state, (i, keep) => {
    const s = f32[(at.scores >> 2) + i] as number
    const y = f32[(at.labels >> 2) + i] as number
    const w = f32[(at.weights >> 2) + i] as number
    const e = exponential(-abs(s))
    const u = fround(1 / fround(1 + e))
    const p = s >= 0 ? u : fround(e * u)
    const h = max(fround(fround(e * u) * u), MIN_HESSIAN)
    const loss = fround(log1p(e) + max(y > 0 ? -s : s, 0))
    keep(fround(w * fround(p - y)), fround(w * h), fround(w * loss))
  })
}

/** See `Kernel.squared`. */
export function squared(state: ReferenceState): void {
  const { f32, at } = state
  everyRow(state, (i, keep) => {
    const w = f32[(at.weights >> 2) + i] as number
    const difference = fround((f32[(at.scores >> 2) + i] as number) - (f32[(at.labels >> 2) + i] as number))
    const g = fround(w * difference)
    keep(g, w, fround(g * difference))
  })
}

/** To the nearest integer of 32 bits; 0 for NaN. */
function toInteger(x: number): number {
  return max(-(2 ** 31), Math.min(2 ** 31 - 1, nearest(x))) | 0
}

/** See `Kernel.pack`. */
export function pack({ i32, f32, at }: ReferenceState, gradientScale: number, hessianScale: number): number {
  const gScale = fround(gradientScale)
  const hScale = fround(hessianScale)
  const count = (at.rows + 3) & ~3
  let largest = 1
  for (let i = 0; i < count; i++) {
    const g = toInteger(fround((f32[(at.gradients >> 2) + i] as number) * gScale))
    const h = max(1, toInteger(fround((f32[(at.hessians >> 2) + i] as number) * hScale)))
    i32[(at.packed >> 2) + 2 * i] = h
    i32[(at.packed >> 2) + 2 * i + 1] = g
    largest = max(largest, h)
  }
  return largest
}
