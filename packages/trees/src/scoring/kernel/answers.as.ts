// The answers to all questions for eight rows; see score.as.ts.
import {
  CATEGORY_ANSWER,
  CATEGORY_SIZE,
  CATEGORY_COLUMN,
  CATEGORY_MISSING_LEFT,
  CATEGORY_SET,
  POSITIONS,
  RUN_SIZE,
  RUN_COLUMN,
  RUN_COUNT,
  RUN_MISSING_LEFT,
  RUN_MISSING_RIGHT,
  RUN_THRESHOLDS,
} from './constants.as'

/** Answers written between two clamps of the positions; a multiple of 16 below 256. */
const CHUNK: i32 = 240

/** Bytes from the first threshold to the one in the middle of the power of two above `count`. */
function firstStep(count: i32): usize {
  return (<usize>1) << (33 - clz<i32>(count))
}

/**
 * Writes, for four rows whose values lie `stride` bytes apart, the number of rising thresholds that are <= x; all `count`
 * where x is NaN. NaN pads the thresholds to one less than a power of two, so that every search takes the same steps.
 */
function findPositions(thresholds: usize, count: i32, row: usize, stride: usize, out: usize): void {
  const x0 = load<f32>(row)
  const x1 = load<f32>(row + stride)
  const x2 = load<f32>(row + stride * 2)
  const x3 = load<f32>(row + stride * 3)
  let p0 = thresholds
  let p1 = thresholds
  let p2 = thresholds
  let p3 = thresholds
  for (let bytes = firstStep(count); bytes >= 4; bytes >>= 1) {
    p0 += bytes & (0 - <usize>(load<f32>(p0 + bytes - 4) <= x0))
    p1 += bytes & (0 - <usize>(load<f32>(p1 + bytes - 4) <= x1))
    p2 += bytes & (0 - <usize>(load<f32>(p2 + bytes - 4) <= x2))
    p3 += bytes & (0 - <usize>(load<f32>(p3 + bytes - 4) <= x3))
  }
  const positions = i32x4.shr_u(i32x4.sub(i32x4(<i32>p0, <i32>p1, <i32>p2, <i32>p3), i32x4.splat(<i32>thresholds)), 2)
  const missing = i32x4(-i32(x0 != x0), -i32(x1 != x1), -i32(x2 != x2), -i32(x3 != x3))
  v128.store(out, v128.bitselect(i32x4.splat(count), positions, missing))
}

/** `position` kept in 0 ... CHUNK, less 128, in all lanes. */
function clamped(position: i32): v128 {
  return i8x16.splat(<i8>(min<i32>(max<i32>(position, 0), CHUNK) - 128))
}

/** Answers "x < threshold?" for `count` runs. `rows` holds eight rows of `columns` values. */
export function answerThresholds(runs: usize, count: i32, rows: usize, columns: i32): void {
  const stride = (<usize>columns) << 2
  const end = runs + <usize>count * RUN_SIZE
  const first = i8x16.sub(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(-128))
  for (let run = runs; run < end; run += RUN_SIZE) {
    const n = load<i32>(run, RUN_COUNT)
    const thresholds = <usize>load<u32>(run, RUN_THRESHOLDS)
    const missingRight = <usize>load<u32>(run, RUN_MISSING_RIGHT)
    const missingLeft = <usize>load<u32>(run, RUN_MISSING_LEFT)
    const column = rows + ((<usize>load<u32>(run, RUN_COLUMN)) << 2)
    findPositions(thresholds, n, column, stride, POSITIONS)
    findPositions(thresholds, n, column + stride * 4, stride, POSITIONS + 16)
    let present: i32 = 0
    for (let r = 0; r < 8; r++) {
      const x = load<f32>(column + stride * <usize>r)
      present |= i32(x == x) << r
    }
    const keep = i8x16.splat(<i8>present)
    for (let chunk = 0; chunk < n; chunk += CHUNK) {
      const c0 = clamped(load<i32>(POSITIONS) - chunk)
      const c1 = clamped(load<i32>(POSITIONS, 4) - chunk)
      const c2 = clamped(load<i32>(POSITIONS, 8) - chunk)
      const c3 = clamped(load<i32>(POSITIONS, 12) - chunk)
      const c4 = clamped(load<i32>(POSITIONS, 16) - chunk)
      const c5 = clamped(load<i32>(POSITIONS, 20) - chunk)
      const c6 = clamped(load<i32>(POSITIONS, 24) - chunk)
      const c7 = clamped(load<i32>(POSITIONS, 28) - chunk)
      const stop = min<i32>(n - chunk, CHUNK)
      let lanes = first
      for (let i = 0; i < stop; i += 16) {
        let bits = v128.and(i8x16.gt_s(c0, lanes), i8x16.splat(1))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c1, lanes), i8x16.splat(2)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c2, lanes), i8x16.splat(4)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c3, lanes), i8x16.splat(8)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c4, lanes), i8x16.splat(16)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c5, lanes), i8x16.splat(32)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c6, lanes), i8x16.splat(64)))
        bits = v128.or(bits, v128.and(i8x16.gt_s(c7, lanes), i8x16.splat(-128)))
        const offset = <usize>(chunk + i)
        if (missingRight) v128.store(missingRight + offset, bits)
        if (missingLeft) v128.store(missingLeft + offset, v128.and(bits, keep))
        lanes = i8x16.add(lanes, i8x16.splat(16))
      }
    }
  }
}

/** Answers "is category x in the set?" for `count` questions. */
export function answerCategories(questions: usize, count: i32, rows: usize, columns: i32): void {
  const stride = (<usize>columns) << 2
  const end = questions + <usize>count * CATEGORY_SIZE
  for (let at = questions; at < end; at += CATEGORY_SIZE) {
    const column = rows + ((<usize>load<u32>(at, CATEGORY_COLUMN)) << 2)
    const missingRight = load<u32>(at, CATEGORY_MISSING_LEFT) ^ 1
    const set = <usize>load<u32>(at, CATEGORY_SET)
    const limit = <f64>load<u32>(set) * 32
    let bits: u32 = 0
    for (let r = 0; r < 8; r++) {
      const x = load<f32>(column + stride * <usize>r)
      let right: u32 = 1
      if (x != x) right = missingRight
      else if (x >= 0 && <f64>x < limit && x == trunc<f32>(x)) {
        const category = <u32>x
        right = ((load<u32>(set + ((category >> 5) << 2), 4) >> (category & 31)) & 1) ^ 1
      }
      bits |= right << r
    }
    store<u8>(<usize>load<u32>(at, CATEGORY_ANSWER), <u8>bits)
  }
}
