/** The number of bytes in `count` trees of depth 6. */
export function treeBytes(count: i32): i32 {
  return count * 384
}
