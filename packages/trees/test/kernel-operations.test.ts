import { binMatrix } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEARCH } from '#src/engine/kernel'
import type { Kernel } from '#src/engine/kernel'
import { FIELDS, layoutOf } from '#src/engine/layout'
import type { EngineLayout, Region } from '#src/engine/layout'
import { createMemory, viewsOf } from '#src/engine/memory'
import { createKernel } from '#src/engine/start'
import { loadKernel } from '#src/kernel/load'
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

/** The same random problem in two memories: one for the compiled kernel, one for its twin. */
interface Pair {
  readonly layout: EngineLayout
  readonly region: Region
  readonly sides: readonly [Side, Side]
}

const HISTOGRAMS = 3

function pairOf({ columns, rows, maxBins, missing, seed }: Shape): Pair {
  const binned = binMatrix(uniformMatrix(rows, columns, { seed, missing }), { maxBins })
  const layout = layoutOf(binned, { regions: 1, histograms: HISTOGRAMS, team: 1 })
  const [region] = layout.regions
  if (region === undefined) throw new Error('no region')
  const compiled = loadKernel('train')
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
function scratchOf({ layout, region }: Pair): readonly (readonly [number, number])[] {
  const { rows } = layout
  return [
    [region.spare, region.spare + 4 * rows + 16],
    [region.nodePacked, region.nodePacked + 8 * rows],
    [region.tileCodes, region.tileCodes + 16 * 2048 * layout.blocks],
    [region.spareCells, region.spareCells + layout.histogramBytes],
    [region.columnCells, region.columnCells + 2 * 16 * 256],
  ]
}

/** Applies an operation on both sides; expects the same answer and the same memory, but for scratch. */
function expectSame<T>(
  pair: Pair,
  operation: (side: Side) => T,
  scratch: readonly (readonly [number, number])[] = [],
): T {
  const [compiled, twin] = pair.sides
  const answer = operation(compiled)
  expect(operation(twin)).toEqual(answer)
  const [a, b] = [compiled, twin].map(({ buffer }) => {
    // The table is the host's; what lies below is the compiler's.
    const bytes = Buffer.from(buffer.slice(0))
    bytes.fill(0, 0, 65_536)
    for (const [from, to] of scratch) bytes.fill(0, from, to)
    return bytes
  })
  expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true)
  return answer
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  columns: fc.constantFrom(1, 2, 5, 16, 17, 33, 90, 100),
  rows: fc.constantFrom(1, 2, 3, 5, 63, 130, 257, 515, 1050, 4200),
  maxBins: fc.constantFrom(2, 7, 64, 65, 127, 255),
  missing: fc.constantFrom(0, 0.2, 1),
  seed: fc.integer({ min: 1, max: 1e6 }),
})

/** Derivatives, packed. */
function packed(shape: Shape): Pair {
  const pair = pairOf(shape)
  expectSame(pair, ({ kernel }) => kernel.logistic())
  expectSame(pair, ({ kernel }) => kernel.pack(1e5, 3e5))
  return pair
}

/** Sums over `order[from..to)` in fixed-point units. */
function sumsOf({ layout, region, sides }: Pair, from: number, to: number): { gradient: number; hessian: number } {
  const { i32, order } = viewsOf(sides[1].buffer, region, layout.columnOf.length)
  let gradient = 0
  let hessian = 0
  for (const row of order.subarray(from, to)) {
    hessian += i32[(region.packed >> 2) + 2 * row] ?? 0
    gradient += i32[(region.packed >> 2) + 2 * row + 1] ?? 0
  }
  return { gradient, hessian }
}

describe('each operation of the compiled kernel leaves the memory that its twin leaves', () => {
  it('has every field of its table', () => {
    const { region } = pairOf({ columns: 3, rows: 10, maxBins: 7, missing: 0, seed: 1 })
    expect(FIELDS.filter((field) => !Number.isInteger(region[field]))).toEqual([])
  })

  it('derivatives of logistic and squared loss, and their fixed-point form', () => {
    let saturated = 0
    fc.assert(
      fc.property(shapes, fc.constantFrom(1, 1e-3, 1e9, 3e38), (shape, scale) => {
        const pair = pairOf(shape)
        for (const loss of ['logistic', 'squared'] as const) {
          expectSame(pair, ({ kernel }) => kernel[loss]())
          // Scales above the room of 31 bits saturate alike.
          expectSame(pair, ({ kernel }) => kernel.pack(scale, 2 * scale))
          const { layout, region, sides } = pair
          const { i32 } = viewsOf(sides[0].buffer, region, layout.columnOf.length)
          if (i32.includes(2 ** 31 - 1, region.packed >> 2)) saturated++
        }
      }),
      { numRuns: 40 },
    )
    expect(saturated).toBeGreaterThan(0)
  })

  it('the search of a node and of its sibling, keeping histograms or not', () => {
    let ranked = 0
    const scratch = { node: SEARCH.node, sibling: SEARCH.sibling, both: SEARCH.node | SEARCH.sibling }
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom<keyof typeof scratch>('node', 'sibling', 'both'),
        fc.boolean(),
        fc.nat({ max: 1000 }),
        fc.constantFrom(0, 1e5, 1e7),
        (shape, asked, keep, at, l2) => {
          const pair = packed(shape)
          const { layout, region } = pair
          const { rows, blocks, histogramBytes } = layout
          const middle = Math.floor((at / 1001) * rows)
          const free = scratchOf(pair)
          const all = sumsOf(pair, 0, rows)
          const node = sumsOf(pair, 0, middle)
          const parent = region.histograms
          const own = parent + histogramBytes
          const request = (values: readonly number[]): void => {
            for (const { buffer } of pair.sides) {
              viewsOf(buffer, region, layout.columnOf.length).request.set(values)
            }
          }
          request([all.gradient, all.hessian, 1, 0, 0, 0, l2, rows, 0])
          const whole = SEARCH.everyRow | SEARCH.node | SEARCH.keep
          expectSame(pair, ({ kernel }) => kernel.search(0, rows, parent, 0, 0, blocks, whole), free)
          ranked += viewsOf(pair.sides[0].buffer, region, layout.columnOf.length).gains.filter(
            (gain) => gain > 0,
          ).length
          const sibling = [all.gradient - node.gradient, all.hessian - node.hessian] as const
          const least = Math.ceil(all.hessian / (rows + 1))
          request([node.gradient, node.hessian, least, ...sibling, least, l2, Math.max(middle, rows - middle), rows])
          const flags = scratch[asked] | (keep ? SEARCH.keep : 0)
          // Blocks one by one, as a team does.
          for (let block = 0; block < blocks; block++) {
            expectSame(
              pair,
              ({ kernel }) => kernel.search(0, middle, keep ? own : 0, parent, block, block + 1, flags),
              free,
            )
          }
        },
      ),
      { numRuns: 60 },
    )
    expect(ranked).toBeGreaterThan(100)
  })

  it('the best cut of a column, from a histogram or from rows, with and without a limit on rows', () => {
    let found = 0
    fc.assert(
      fc.property(
        shapes,
        fc.boolean(),
        fc.constantFrom(1, 2, 20),
        fc.constantFrom(0, 1e5),
        fc.constantFrom(0, 0.01),
        (shape, kept, leastRows, l2, leastRank) => {
          const pair = packed(shape)
          const { layout, region } = pair
          const { rows, blocks, columnOf, binsOf } = layout
          const { gradient, hessian } = sumsOf(pair, 0, rows)
          const flags = SEARCH.everyRow | SEARCH.keep
          expectSame(
            pair,
            ({ kernel }) => kernel.search(0, rows, region.histograms, 0, 0, blocks, flags),
            scratchOf(pair),
          )
          const scratch = scratchOf(pair)
          for (const [slot] of columnOf.entries()) {
            const cut = expectSame(
              pair,
              ({ kernel }) => {
                const histogram = kept ? region.histograms : 0
                const bins = binsOf[slot] ?? 0
                return kernel.locate(
                  0,
                  rows,
                  slot,
                  histogram,
                  bins,
                  gradient,
                  hessian,
                  l2,
                  1,
                  leastRows,
                  4 * rows,
                  leastRank,
                )
              },
              scratch,
            )
            if (cut >= 0) found++
          }
        },
      ),
      { numRuns: 40 },
    )
    expect(found).toBeGreaterThan(50)
  })

  it('the strongest column, of those that tie the first, whatever stands behind the last', () => {
    let lost = 0
    fc.assert(
      fc.property(shapes, fc.constantFrom(0, 1e-6, 1e-4, 1), (shape, spread) => {
        const pair = pairOf(shape)
        const { layout, region } = pair
        const { blocks, columnOf } = layout
        const slots = columnOf.length
        const next = uniformSource(shape.seed + 2)
        const ranks = Float32Array.from({ length: 16 * blocks }, (_, slot) =>
          slot >= slots ? 9 : shape.missing === 1 ? 0 : 1 + spread * next(),
        )
        for (const { buffer } of pair.sides) new Float32Array(buffer, region.gains, ranks.length).set(ranks)
        const found = expectSame(pair, ({ kernel }) => kernel.strongest(region.gains, slots))
        const own = [...ranks.subarray(0, slots)]
        const most = Math.max(...own)
        const tied = [...columnOf.keys()].filter((slot) => (own[slot] ?? 0) >= most * (1 - 1.01e-5))
        // Where all are equal the first column wins.
        const right = spread === 0 ? tied.filter((slot) => columnOf[slot] === 0) : tied
        expect(most === 0 ? [-1] : right).toContain(found)
        if (found !== own.indexOf(most)) lost++
      }),
      { numRuns: 60 },
    )
    expect(lost).toBeGreaterThan(0)
  })

  it('one column’s cells and rows, moving rows, and adding leaves', () => {
    fc.assert(
      fc.property(shapes, fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), (shape, a, b) => {
        const pair = packed(shape)
        const { rows, columnOf } = pair.layout
        const [from, to] = [a, b].map((x) => Math.round((x / 1000) * rows)).toSorted((x, y) => x - y) as [
          number,
          number,
        ]
        const slot = (a + b) % columnOf.length
        const spare = scratchOf(pair).slice(0, 1)
        expectSame(pair, ({ kernel }) => kernel.column(from, to, slot))
        expectSame(pair, ({ kernel }) => kernel.addLeaves(from, to, slot, 0.125, -0.75))
        expectSame(pair, ({ kernel }) => kernel.addLeaf(from, to, 2 ** -10))
        const middle = expectSame(pair, ({ kernel }) => kernel.partition(from, to, slot), spare)
        expect(middle).toBeGreaterThanOrEqual(from)
        expect(middle).toBeLessThanOrEqual(to)
        expectSame(pair, ({ kernel }) => kernel.column(from, middle, slot), spare)
      }),
      { numRuns: 60 },
    )
  })
})
