// AssemblyScript: TypeScript's syntax, WebAssembly's types. Compiled to src/kernel/near.wasm.

/**
 * Finds rows near a query among codes of 8 bits. Row r is `stride` bytes from `codes + r * stride`, a multiple of 16; the
 * query is `stride` 16-bit integers. Writes the rows from `from` to `to` (exclusive) whose squared distance, a sum of squares
 * of differences of codes, is at most `most`, to `out` as pairs of 32-bit integers, row and sum, rows rising. Returns how many.
 * Sums are exact: a row adds up to less than stride x 2^16.
 */
export function near(codes: usize, from: i32, to: i32, stride: i32, query: usize, most: i32, out: usize): i32 {
  const start = out
  let at: usize = codes + <usize>from * <usize>stride
  for (let row = from; row < to; row++) {
    let even = i32x4.splat(0)
    let odd = i32x4.splat(0)
    const end = at + <usize>stride
    let q = query
    while (at < end) {
      const low = i16x8.sub(v128.load_ext<i8>(at), v128.load(q))
      const high = i16x8.sub(v128.load_ext<i8>(at, 8), v128.load(q, 16))
      even = i32x4.add(even, i32x4.dot_i16x8_s(low, low))
      odd = i32x4.add(odd, i32x4.dot_i16x8_s(high, high))
      at += 16
      q += 32
    }
    const both = i32x4.add(even, odd)
    const halves = i32x4.add(both, i8x16.shuffle(both, both, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
    const sum = i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)
    if (sum <= most) {
      store<i32>(out, row)
      store<i32>(out, sum, 4)
      out += 8
    }
  }
  return <i32>((out - start) >> 3)
}
