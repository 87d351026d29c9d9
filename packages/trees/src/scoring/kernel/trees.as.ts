// The leaves that eight rows reach, given the answers; see score.as.ts.
import {
  BLOCK_COUNT,
  BLOCK_LEAVES,
  BLOCK_LEVELS,
  BLOCK_TREES,
  BLOCK_UPPER,
  PLACES,
  WALKED_NODE_SIZE,
  WALKED_NODE_LEFT,
  WALKED_NODE_QUESTION,
  WALKED_NODE_VALUE,
  WALKED_TREE_BYTES,
  WALKED_TREE_LEAVES,
  WALKED_TREE_LEVELS,
  WALKED_TREE_SIZE,
} from './constants.as'

/** The answers to the sixteen questions whose numbers lie at `ids`. */
function gather(ids: usize): v128 {
  let a = v128.load_lane<u8>(<usize>load<u16>(ids), i8x16.splat(0), 0)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 2), a, 1)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 4), a, 2)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 6), a, 3)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 8), a, 4)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 10), a, 5)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 12), a, 6)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 14), a, 7)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 16), a, 8)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 18), a, 9)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 20), a, 10)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 22), a, 11)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 24), a, 12)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 26), a, 13)
  a = v128.load_lane<u8>(<usize>load<u16>(ids, 28), a, 14)
  return v128.load_lane<u8>(<usize>load<u16>(ids, 30), a, 15)
}

/**
 * The first four levels of sixteen trees: writes to PLACES for each row r and tree t the number of the node, among the
 * sixteen of the fifth level, that the row reaches: byte 16 r + t. `top` holds 15 x 16 question numbers, node by node.
 */
function descend(top: usize): void {
  const a0 = gather(top)
  const a1 = gather(top + 32)
  const a2 = gather(top + 64)
  const a3 = gather(top + 96)
  const a4 = gather(top + 128)
  const a5 = gather(top + 160)
  const a6 = gather(top + 192)
  const second = v128.bitselect(a2, a1, a0)
  const third = v128.bitselect(v128.bitselect(a6, a5, a2), v128.bitselect(a4, a3, a1), a0)
  let b = v128.bitselect(gather(top + 256), gather(top + 224), a3)
  let c = v128.bitselect(gather(top + 320), gather(top + 288), a4)
  const leftFourth = v128.bitselect(c, b, a1)
  b = v128.bitselect(gather(top + 384), gather(top + 352), a5)
  c = v128.bitselect(gather(top + 448), gather(top + 416), a6)
  const fourth = v128.bitselect(v128.bitselect(c, b, a2), leftFourth, a0)
  // Each row takes its bit of every plane; bits that cross a byte when 16-bit lanes are shifted are masked off.
  const e = i8x16.splat(8)
  const f = i8x16.splat(4)
  const g = i8x16.splat(2)
  const h = i8x16.splat(1)
  v128.store(PLACES, and4(i16x8.shl(a0, 3), e, i16x8.shl(second, 2), f, i16x8.shl(third, 1), g, fourth, h))
  v128.store(PLACES + 16, and4(i16x8.shl(a0, 2), e, i16x8.shl(second, 1), f, third, g, i16x8.shr_u(fourth, 1), h))
  v128.store(PLACES + 32, and4(i16x8.shl(a0, 1), e, second, f, i16x8.shr_u(third, 1), g, i16x8.shr_u(fourth, 2), h))
  v128.store(PLACES + 48, and4(a0, e, i16x8.shr_u(second, 1), f, i16x8.shr_u(third, 2), g, i16x8.shr_u(fourth, 3), h))
  v128.store(
    PLACES + 64,
    and4(i16x8.shr_u(a0, 1), e, i16x8.shr_u(second, 2), f, i16x8.shr_u(third, 3), g, i16x8.shr_u(fourth, 4), h),
  )
  v128.store(
    PLACES + 80,
    and4(i16x8.shr_u(a0, 2), e, i16x8.shr_u(second, 3), f, i16x8.shr_u(third, 4), g, i16x8.shr_u(fourth, 5), h),
  )
  v128.store(
    PLACES + 96,
    and4(i16x8.shr_u(a0, 3), e, i16x8.shr_u(second, 4), f, i16x8.shr_u(third, 5), g, i16x8.shr_u(fourth, 6), h),
  )
  v128.store(
    PLACES + 112,
    and4(i16x8.shr_u(a0, 4), e, i16x8.shr_u(second, 5), f, i16x8.shr_u(third, 6), g, i16x8.shr_u(fourth, 7), h),
  )
}

function and4(a: v128, e: v128, b: v128, f: v128, c: v128, g: v128, d: v128, h: v128): v128 {
  return v128.or(v128.or(v128.and(a, e), v128.and(b, f)), v128.or(v128.and(c, g), v128.and(d, h)))
}

/** The place one level below `place`, given the answers there: the children of place p are 2p and 2p + 1. */
function next(place: usize, answers: u32, r: u32): usize {
  return (place << 1) + <usize>((answers >> r) & 1)
}

// leafN: the value of the leaf that row r reaches, N levels below `place`. `tree` holds the question numbers of these
// levels, 16, 32, ... to a level, and then the leaves.

function leaf0(tree: usize, place: usize): f32 {
  return load<f32>(tree + (place << 2))
}

function leaf1(tree: usize, place: usize, r: u32): f32 {
  const p = next(place, load<u8>(<usize>load<u16>(tree + (place << 1))), r)
  return load<f32>(tree + (p << 2), 32)
}

function leaf2(tree: usize, place: usize, r: u32): f32 {
  let p = next(place, load<u8>(<usize>load<u16>(tree + (place << 1))), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 32)), r)
  return load<f32>(tree + (p << 2), 96)
}

function leaf3(tree: usize, place: usize, r: u32): f32 {
  let p = next(place, load<u8>(<usize>load<u16>(tree + (place << 1))), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 32)), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 96)), r)
  return load<f32>(tree + (p << 2), 224)
}

function leaf4(tree: usize, place: usize, r: u32): f32 {
  let p = next(place, load<u8>(<usize>load<u16>(tree + (place << 1))), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 32)), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 96)), r)
  p = next(p, load<u8>(<usize>load<u16>(tree + (p << 1), 224)), r)
  return load<f32>(tree + (p << 2), 480)
}

// scoreTreeN: the leaves of the first `rows` rows, rounded up to 1, 4 or 8, to `out`. A row's place is a byte, 16 bytes after
// that of the row before it, the first at `at`.

function scoreTree0(tree: usize, at: usize, out: usize, rows: i32): void {
  store<f32>(out, leaf0(tree, <usize>load<u8>(at)))
  if (rows == 1) return
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 16)), 4)
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 32)), 8)
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 48)), 12)
  if (rows <= 4) return
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 64)), 16)
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 80)), 20)
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 96)), 24)
  store<f32>(out, leaf0(tree, <usize>load<u8>(at, 112)), 28)
}

function scoreTree1(tree: usize, at: usize, out: usize, rows: i32): void {
  store<f32>(out, leaf1(tree, <usize>load<u8>(at), 0))
  if (rows == 1) return
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 16), 1), 4)
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 32), 2), 8)
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 48), 3), 12)
  if (rows <= 4) return
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 64), 4), 16)
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 80), 5), 20)
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 96), 6), 24)
  store<f32>(out, leaf1(tree, <usize>load<u8>(at, 112), 7), 28)
}

function scoreTree2(tree: usize, at: usize, out: usize, rows: i32): void {
  store<f32>(out, leaf2(tree, <usize>load<u8>(at), 0))
  if (rows == 1) return
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 16), 1), 4)
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 32), 2), 8)
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 48), 3), 12)
  if (rows <= 4) return
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 64), 4), 16)
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 80), 5), 20)
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 96), 6), 24)
  store<f32>(out, leaf2(tree, <usize>load<u8>(at, 112), 7), 28)
}

function scoreTree3(tree: usize, at: usize, out: usize, rows: i32): void {
  store<f32>(out, leaf3(tree, <usize>load<u8>(at), 0))
  if (rows == 1) return
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 16), 1), 4)
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 32), 2), 8)
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 48), 3), 12)
  if (rows <= 4) return
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 64), 4), 16)
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 80), 5), 20)
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 96), 6), 24)
  store<f32>(out, leaf3(tree, <usize>load<u8>(at, 112), 7), 28)
}

function scoreTree4(tree: usize, at: usize, out: usize, rows: i32): void {
  store<f32>(out, leaf4(tree, <usize>load<u8>(at), 0))
  if (rows == 1) return
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 16), 1), 4)
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 32), 2), 8)
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 48), 3), 12)
  if (rows <= 4) return
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 64), 4), 16)
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 80), 5), 20)
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 96), 6), 24)
  store<f32>(out, leaf4(tree, <usize>load<u8>(at, 112), 7), 28)
}

/**
 * Leaves of the first `rows` rows in `count` blocks of up to sixteen trees: for each tree, eight floats at `leaves` + its offset. A block is the
 * number of levels below the fourth, the number of trees, sixteen offsets, 15 x 16 question numbers of the upper levels,
 * and for each tree the question numbers of the lower levels and the leaves.
 */
export function scoreBlocks(blocks: usize, count: i32, rows: i32, leaves: usize): void {
  let block = blocks
  for (let b = 0; b < count; b++) {
    const levels = load<u32>(block, BLOCK_LEVELS)
    const trees = <usize>load<u32>(block, BLOCK_COUNT)
    const bytes: usize = (((<usize>3) << levels) - 1) << 5
    descend(block + BLOCK_UPPER)
    let tree = block + BLOCK_TREES
    for (let t: usize = 0; t < trees; t++) {
      const out = leaves + <usize>load<u32>(block + (t << 2), BLOCK_LEAVES)
      if (levels == 2) scoreTree2(tree, PLACES + t, out, rows)
      else if (levels == 1) scoreTree1(tree, PLACES + t, out, rows)
      else if (levels == 0) scoreTree0(tree, PLACES + t, out, rows)
      else if (levels == 3) scoreTree3(tree, PLACES + t, out, rows)
      else scoreTree4(tree, PLACES + t, out, rows)
      tree += bytes
    }
    block = tree
  }
}

/** The child of node `k` that row `r` goes to; a leaf is its own left child and its answer is always left. */
function child(nodes: usize, k: usize, r: u32): usize {
  const bits = <u32>load<u8>(<usize>load<u32>(nodes + k, WALKED_NODE_QUESTION))
  return <usize>load<u32>(nodes + k, WALKED_NODE_LEFT) + <usize>((bits >> r) & 1) * WALKED_NODE_SIZE
}

/**
 * Leaves of `count` trees that are walked node by node. A tree is the number of its levels, its offset in `leaves`, the
 * bytes of its nodes, and the nodes.
 */
export function walkTrees(trees: usize, count: i32, leaves: usize): void {
  let tree = trees
  for (let t = 0; t < count; t++) {
    const levels = load<u32>(tree, WALKED_TREE_LEVELS)
    const out = leaves + <usize>load<u32>(tree, WALKED_TREE_LEAVES)
    const nodes = tree + WALKED_TREE_SIZE
    for (let half: u32 = 0; half < 8; half += 4) {
      let k0: usize = 0
      let k1: usize = 0
      let k2: usize = 0
      let k3: usize = 0
      for (let level: u32 = 0; level < levels; level++) {
        const j0 = child(nodes, k0, half)
        const j1 = child(nodes, k1, half + 1)
        const j2 = child(nodes, k2, half + 2)
        const j3 = child(nodes, k3, half + 3)
        const done = ((j0 ^ k0) | (j1 ^ k1) | (j2 ^ k2) | (j3 ^ k3)) == 0
        k0 = j0
        k1 = j1
        k2 = j2
        k3 = j3
        if (done) break
      }
      const to = out + <usize>(half << 2)
      store<f32>(to, load<f32>(nodes + k0, WALKED_NODE_VALUE))
      store<f32>(to, load<f32>(nodes + k1, WALKED_NODE_VALUE), 4)
      store<f32>(to, load<f32>(nodes + k2, WALKED_NODE_VALUE), 8)
      store<f32>(to, load<f32>(nodes + k3, WALKED_NODE_VALUE), 12)
    }
    tree = nodes + <usize>load<u32>(tree, WALKED_TREE_BYTES)
  }
}

/** Raw scores of eight rows: `base` plus the leaves of `trees` trees, in their order, in 64 bits. */
export function addLeaves(leaves: usize, trees: i32, base: f64, out: usize): void {
  let s0 = f64x2.splat(base)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const end = leaves + ((<usize>trees) << 5)
  for (let at = leaves; at < end; at += 32) {
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load_zero<u64>(at)))
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load_zero<u64>(at, 8)))
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load_zero<u64>(at, 16)))
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load_zero<u64>(at, 24)))
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
}
