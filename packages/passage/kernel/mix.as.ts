// AssemblyScript: TypeScript's syntax, WebAssembly's types. Compiled to src/kernel/mix.wasm.
// Rows are `size` bytes of 32-bit floats, a multiple of 16; weights and sums have a 64-bit float for each of them.

/** The upper two of four 32-bit floats, as 64-bit floats. */
function upper(four: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
}

/** Writes to `out` for each of `rows` rows the sum of its values times `weights`, as a 64-bit float. */
export function mix(values: usize, rows: i32, size: i32, weights: usize, out: usize): void {
  const end = values + <usize>rows * <usize>size
  while (values < end) {
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let weight = weights
    const last = values + <usize>size
    while (values < last) {
      const four = v128.load(values)
      a = f64x2.add(a, f64x2.mul(v128.load(weight), f64x2.promote_low_f32x4(four)))
      b = f64x2.add(b, f64x2.mul(v128.load(weight, 16), upper(four)))
      values += 16
      weight += 32
    }
    const both = f64x2.add(a, b)
    store<f64>(out, f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1))
    out += 8
  }
}

/** Adds to `sums` the values of each of `rows` rows times its scale, a 64-bit float. */
export function add(values: usize, rows: i32, size: i32, scales: usize, sums: usize): void {
  const end = scales + ((<usize>rows) << 3)
  for (let at = scales; at < end; at += 8) {
    const scale = v128.load64_splat(at)
    const last = values + <usize>size
    let sum = sums
    while (values < last) {
      const four = v128.load(values)
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(scale, f64x2.promote_low_f32x4(four))))
      v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.mul(scale, upper(four))), 16)
      values += 16
      sum += 32
    }
  }
}

/**
 * Writes to `out` for each of `questions` two 64-bit floats: the sums of its `drifts` values, 32-bit floats one after the other, times
 * the first and times the second of the two 64-bit floats that `pairs` has for each drift.
 */
export function tilt(values: usize, questions: i32, drifts: i32, pairs: usize, out: usize): void {
  const last = pairs + ((<usize>drifts) << 4)
  const end = out + ((<usize>questions) << 4)
  for (; out < end; out += 16) {
    let sums = f64x2.splat(0)
    for (let pair = pairs; pair < last; pair += 16) {
      sums = f64x2.add(sums, f64x2.mul(v128.load(pair), f64x2.promote_low_f32x4(v128.load32_splat(values))))
      values += 4
    }
    v128.store(out, sums)
  }
}
