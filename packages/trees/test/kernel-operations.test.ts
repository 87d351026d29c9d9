import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELDS, SEARCH } from '#src/engine/kernel'

import { viewsOf } from '#src/engine/memory'
import { expectSame, packed, pairOf, scratchOf, shapes } from './kernel-pair.ts'
import type { Pair } from './kernel-pair.ts'

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

describe('each operation of the compiled kernel leaves the memory that the reference leaves', () => {
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
          const { rows, searched: blocks, histogramBytes } = layout
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
          const minHessian = Math.ceil(all.hessian / (rows + 1))
          request([
            node.gradient,
            node.hessian,
            minHessian,
            ...sibling,
            minHessian,
            l2,
            Math.max(middle, rows - middle),
            rows,
          ])
          const flags = scratch[asked] | (keep ? SEARCH.keep : 0)
          // Blocks one by one, as a pool does.
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
        (shape, kept, minRows, l2, minRank) => {
          const pair = packed(shape)
          const { layout, region } = pair
          const { rows, searched: blocks, columnOf, binsOf } = layout
          const { gradient, hessian } = sumsOf(pair, 0, rows)
          const flags = SEARCH.everyRow | SEARCH.keep
          expectSame(
            pair,
            ({ kernel }) => kernel.search(0, rows, region.histograms, 0, 0, blocks, flags),
            scratchOf(pair),
          )
          const scratch = scratchOf(pair)
          // Columns without a value are never located.
          for (const [slot] of columnOf.entries()) {
            if (binsOf[slot] === 0) continue
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
                  minRows,
                  4 * rows,
                  minRank,
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

  it('one column’s histogram and rows, moving rows, and adding leaves', () => {
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
