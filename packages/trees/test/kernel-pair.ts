import { binMatrix } from '@breakwater/trees'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { createKernel, loadTrainingKernel } from '#src/engine/engine'
import type { Kernel } from '#src/engine/kernel'
import { layoutOf } from '#src/engine/layout'
import type { EngineLayout, Region } from '#src/engine/layout'
import { createMemory, viewsOf } from '#src/engine/memory'
import { uniformMatrix, uniformSource } from './seeded.ts'

/** One memory with the kernel that works in it. */
interface Side {
  readonly kernel: Kernel
  readonly buffer: ArrayBufferLike
}

/** What a problem is made from. */
interface Shape {
  readonly columns: number
  readonly rows: number
  readonly maxBins: number
  readonly missing: number
  readonly seed: number
}

/** The same random problem in two memories: one for the compiled kernel, one for the reference. */
export interface Pair {
  readonly layout: EngineLayout
  readonly region: Region
  readonly sides: readonly [Side, Side]
}

const HISTOGRAMS = 3

export function pairOf({ columns, rows, maxBins, missing, seed }: Shape): Pair {
  const binned = binMatrix(uniformMatrix(rows, columns, { seed, missing }), { maxBins })
  const layout = layoutOf(binned, { regions: 1, histograms: HISTOGRAMS, threads: 1 })
  const [region] = layout.regions
  if (region === undefined) throw new Error('no region')
  const compiled = loadTrainingKernel()
  if (compiled === undefined) throw new Error('this machine has no SIMD: there is nothing to compare')
  const sideOf = (wasm: boolean): Side => {
    const memory = createMemory(layout, binned, wasm)
    const kernel = createKernel(memory, wasm ? compiled : undefined)
    kernel.attach(region.table)
    fillRows(memory.buffer, layout, region, seed)
    return { kernel, buffer: memory.buffer }
  }
  return { layout, region, sides: [sideOf(true), sideOf(false)] }
}

/** Random scores, labels, weights, and an order that is a permutation of the rows. */
function fillRows(buffer: ArrayBufferLike, { rows, columnOf }: EngineLayout, region: Region, seed: number): void {
  const next = uniformSource(seed + 1)
  const views = viewsOf(buffer, region, columnOf.length)
  for (let r = 0; r < rows; r++) {
    views.scores[r] = (next() - 0.5) * (r % 7 === 0 ? 200 : 8)
    views.labels[r] = Math.floor(next() * 2)
    views.weights[r] = r % 5 === 0 ? 0 : next() * 3
    views.order[r] = r
  }
  for (let r = rows - 1; r > 0; r--) {
    const other = Math.floor(next() * (r + 1))
    const row = views.order[r] ?? 0
    views.order[r] = views.order[other] ?? 0
    views.order[other] = row
  }
  for (let code = 0; code < 256; code++) views.goesLeft[code] = Number(next() < 0.5)
}

/** Scratch of a kernel, which the two may use as they like: its bytes, half-open. */
export function scratchOf({ layout, region }: Pair): readonly (readonly [number, number])[] {
  const { rows } = layout
  return [
    [region.spare, region.spare + 4 * rows + 16],
    [region.nodePacked, region.nodePacked + 8 * rows],
    [region.tileCodes, region.tileCodes + 16 * 2048 * layout.blocks],
    [region.spareHistogram, region.spareHistogram + layout.histogramBytes],
    [region.columnHistogram, region.columnHistogram + 2 * 16 * 256],
  ]
}

/** Applies an operation on both sides; expects the same answer and the same memory, but for scratch. */
export function expectSame<T>(
  pair: Pair,
  operation: (side: Side) => T,
  scratch: readonly (readonly [number, number])[] = [],
): T {
  const [compiled, reference] = pair.sides
  const answer = operation(compiled)
  expect(operation(reference)).toEqual(answer)
  const [a, b] = [compiled, reference].map(({ buffer }) => {
    // The table is the host's; what lies below is the compiler's.
    const bytes = Buffer.from(buffer.slice(0))
    bytes.fill(0, 0, 65_536)
    for (const [from, to] of scratch) bytes.fill(0, from, to)
    return bytes
  })
  expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true)
  return answer
}

export const shapes: fc.Arbitrary<Shape> = fc.record({
  columns: fc.constantFrom(1, 2, 5, 16, 17, 33, 90, 100),
  rows: fc.constantFrom(1, 2, 3, 5, 63, 130, 257, 515, 1050, 4200),
  maxBins: fc.constantFrom(2, 7, 64, 65, 127, 255),
  missing: fc.constantFrom(0, 0.2, 1),
  seed: fc.integer({ min: 1, max: 1e6 }),
})

/** Derivatives, packed. */
export function packed(shape: Shape): Pair {
  const pair = pairOf(shape)
  expectSame(pair, ({ kernel }) => kernel.logistic())
  expectSame(pair, ({ kernel }) => kernel.pack(1e5, 3e5))
  return pair
}
