import type { PatchTstConfig } from '../config.ts'
import { concat, expand, gather, reshape, split } from '../engine/arrange.ts'
import type { Value } from '../engine/graph.ts'
import { axisSize } from '../engine/shape.ts'

/** Which steps make which patch. */
export interface PatchPlan {
  /** Patches of a sequence. */
  readonly count: number
  /** Steps repeated after the last one. */
  readonly padding: number
  /** First step of the first patch: the last patch ends at the end, and the oldest steps are left out. */
  readonly first: number
}

type PatchOptions = Pick<PatchTstConfig, 'length' | 'patchLength' | 'stride' | 'endPadding'>

/** Patches of `patchLength` steps, `stride` apart; with `endPadding` the last value is repeated `stride` times first. */
export function patchPlan({ length, patchLength, stride, endPadding }: PatchOptions): PatchPlan {
  const padding = endPadding ? stride : 0
  const free = length + padding - patchLength
  return { count: Math.floor(free / stride) + 1, padding, first: free % stride }
}

/** Patches (.. x patches x patchLength) of the last axis of x (.. x length). */
export function patchesOf(x: Value, options: PatchOptions): Value {
  const { length, patchLength, stride } = options
  const { count, padding, first } = patchPlan(options)
  const lead = x.shape.slice(0, -1)
  const padded = padding === 0 ? x : concat([x, expand(lastOf(x, length), [...lead, padding])], lead.length)
  // Whole blocks are copied at once where patches begin and end between them.
  const block = [patchLength, stride, first, length + padding].reduce(greatestDivisor)
  const blocks = reshape(padded, [...lead, (length + padding) / block, block])
  const rows = Array.from({ length: count }, (_, patch) =>
    Array.from({ length: patchLength / block }, (_step, at) => (first + patch * stride) / block + at),
  )
  return reshape(gather(blocks, rows, lead.length), [...lead, count, patchLength])
}

function lastOf(x: Value, length: number): Value {
  const axis = x.shape.length - 1
  if (length === 1) return x
  const last = split(x, [axisSize(x.shape, axis) - 1, 1], axis)[1]
  if (last === undefined) throw new Error('patchtst: graph: a split gave no last part')
  return last
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
