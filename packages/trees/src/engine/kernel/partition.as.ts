// Moving a node's rows, and adding leaves to scores. `goesLeft` holds one byte for each code: 1 where it goes left.
import { columnBins, goesLeft, order, rows, scores, spare } from './region.as'

/** Moves `order[from..to)` so that rows that go left come first, both sides in order; returns where the right side begins. */
export function partition(from: i32, to: i32, column: i32): i32 {
  const codes = columnBins + <usize>column * <usize>rows
  const table = goesLeft
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  let left = at
  let right = spare
  while (at < end) {
    const row = load<u32>(at)
    const step = (<usize>load<u8>(table + <usize>load<u8>(codes + <usize>row))) << 2
    store<u32>(left, row)
    store<u32>(right, row)
    left += step
    right += 4 - step
    at += 4
  }
  memory.copy(left, spare, right - spare)
  return <i32>((left - order) >> 2)
}

/** Adds `value` to the scores of `order[from..to)`. */
export function addLeaf(from: i32, to: i32, value: f32): void {
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  while (at < end) {
    const score = scores + ((<usize>load<u32>(at)) << 2)
    store<f32>(score, load<f32>(score) + value)
    at += 4
  }
}

/** Adds `left` or `right` to the scores of `order[from..to)`, by the side each row goes to, without moving rows. */
export function addLeaves(from: i32, to: i32, column: i32, left: f32, right: f32): void {
  const codes = columnBins + <usize>column * <usize>rows
  const table = goesLeft
  let at = order + ((<usize>from) << 2)
  const end = order + ((<usize>to) << 2)
  while (at < end) {
    const row = <usize>load<u32>(at)
    const score = scores + (row << 2)
    const side = load<u8>(table + <usize>load<u8>(codes + row))
    store<f32>(score, load<f32>(score) + select<f32>(left, right, side != 0))
    at += 4
  }
}
