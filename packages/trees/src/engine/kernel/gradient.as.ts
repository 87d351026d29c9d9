// Derivatives of the loss for every row of the matrix (rows outside the head have weight 0), and their fixed-point form.
import { MIN_ROW_HESSIAN, SUMS_GRADIENT, SUMS_HESSIAN, SUMS_LOSS } from './constants.as'
import { gradients, hessians, labels, packed, rows, scores, sums, weights } from './region.as'

let absGradient: v128 = f64x2.splat(0)
let hessianSum: v128 = f64x2.splat(0)
let lossSum: v128 = f64x2.splat(0)

/** e^x for x <= 0 (Cephes' expf: 2^n times a polynomial of degree 6 on [-ln 2 / 2, ln 2 / 2]). */
function exponential(x: v128): v128 {
  const clipped = f32x4.pmax(x, f32x4.splat(-87))
  const n = f32x4.nearest(f32x4.mul(clipped, f32x4.splat(1.44269504)))
  let r = f32x4.sub(clipped, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)))
  let y = f32x4.splat(1.98756915e-4)
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1))
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), f32x4.splat(1))
  return f32x4.mul(y, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23))
}

/** log(1 + e) for e in [0, 1]: 2 artanh(z) with z = e / (2 + e), to the term z^11. */
function log1p(e: v128): v128 {
  const z = f32x4.div(e, f32x4.add(f32x4.splat(2), e))
  const q = f32x4.mul(z, z)
  let y = f32x4.splat(0.18181818)
  y = f32x4.add(f32x4.mul(y, q), f32x4.splat(0.22222222))
  y = f32x4.add(f32x4.mul(y, q), f32x4.splat(0.2857143))
  y = f32x4.add(f32x4.mul(y, q), f32x4.splat(0.4))
  y = f32x4.add(f32x4.mul(y, q), f32x4.splat(0.6666667))
  y = f32x4.add(f32x4.mul(y, q), f32x4.splat(2))
  return f32x4.mul(y, z)
}

function addWide(sum: v128, x: v128): v128 {
  const high = v128.shuffle<i32>(x, x, 2, 3, 2, 3)
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(high)))
}

function keep(at: usize, g: v128, h: v128, loss: v128): void {
  v128.store(gradients + at, g)
  v128.store(hessians + at, h)
  absGradient = addWide(absGradient, f32x4.abs(g))
  hessianSum = addWide(hessianSum, h)
  lossSum = addWide(lossSum, loss)
}

function begin(): void {
  absGradient = f64x2.splat(0)
  hessianSum = f64x2.splat(0)
  lossSum = f64x2.splat(0)
}

/** Writes the sums of |g|, h and the loss to `sums`. */
function end(): void {
  store<f64>(sums, f64x2.extract_lane(absGradient, 0) + f64x2.extract_lane(absGradient, 1), SUMS_GRADIENT)
  store<f64>(sums, f64x2.extract_lane(hessianSum, 0) + f64x2.extract_lane(hessianSum, 1), SUMS_HESSIAN)
  store<f64>(sums, f64x2.extract_lane(lossSum, 0) + f64x2.extract_lane(lossSum, 1), SUMS_LOSS)
}

/** Binary cross entropy: g = w (p - y), h = w p (1 - p), loss = w (log(1 + e^-|s|) + max(0, s or -s)). */
export function logistic(): void {
  begin()
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const size = (<usize>((rows + 3) & ~3)) << 2
  for (let at: usize = 0; at < size; at += 16) {
    const s = v128.load(scores + at)
    const y = v128.load(labels + at)
    const w = v128.load(weights + at)
    const e = exponential(f32x4.neg(f32x4.abs(s)))
    const u = f32x4.div(one, f32x4.add(one, e))
    const p = v128.bitselect(u, f32x4.mul(e, u), f32x4.ge(s, zero))
    const h = f32x4.pmax(f32x4.mul(f32x4.mul(e, u), u), f32x4.splat(MIN_ROW_HESSIAN))
    const against = v128.bitselect(f32x4.neg(s), s, f32x4.gt(y, zero))
    const loss = f32x4.add(log1p(e), f32x4.pmax(against, zero))
    keep(at, f32x4.mul(w, f32x4.sub(p, y)), f32x4.mul(w, h), f32x4.mul(w, loss))
  }
  end()
}

/** Squared error: g = w (s - y), h = w, loss = w (s - y)^2. */
export function squared(): void {
  begin()
  const size = (<usize>((rows + 3) & ~3)) << 2
  for (let at: usize = 0; at < size; at += 16) {
    const w = v128.load(weights + at)
    const difference = f32x4.sub(v128.load(scores + at), v128.load(labels + at))
    const g = f32x4.mul(w, difference)
    keep(at, g, w, f32x4.mul(g, difference))
  }
  end()
}

/**
 * Packs g and h of every row, each times its scale and rounded to the nearest integer; h is at least 1. Returns the largest
 * h.
 */
export function pack(gradientScale: f32, hessianScale: f32): i32 {
  const gScale = f32x4.splat(gradientScale)
  const hScale = f32x4.splat(hessianScale)
  const one = i32x4.splat(1)
  const size = (<usize>((rows + 3) & ~3)) << 2
  let out = packed
  let largest = one
  for (let at: usize = 0; at < size; at += 16) {
    const g = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(gradients + at), gScale)))
    const h = i32x4.max_s(one, i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(hessians + at), hScale))))
    largest = i32x4.max_s(largest, h)
    v128.store(out, v128.shuffle<i32>(h, g, 0, 4, 1, 5))
    v128.store(out, v128.shuffle<i32>(h, g, 2, 6, 3, 7), 16)
    out += 32
  }
  largest = i32x4.max_s(largest, v128.shuffle<i32>(largest, largest, 2, 3, 0, 1))
  return max(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1))
}
