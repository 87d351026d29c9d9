import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame, pairOf, shapes } from './kernel-pair.ts'
import { uniformSource } from './seeded.ts'

describe('the compiled kernel and the reference choose', () => {
  it('the bestColumn column, of those that tie the first, whatever stands behind the last', () => {
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
        const chosen = expectSame(pair, ({ kernel }) => kernel.bestColumn(region.gains, slots))
        const own = [...ranks.subarray(0, slots)]
        const largest = Math.max(...own)
        const tied = [...columnOf.keys()].filter((slot) => (own[slot] ?? 0) >= largest * (1 - 1.01e-5))
        // Where all are equal the first column wins.
        const right = spread === 0 ? tied.filter((slot) => columnOf[slot] === 0) : tied
        expect(largest === 0 ? [-1] : right).toContain(chosen)
        if (chosen !== own.indexOf(largest)) lost++
      }),
      { numRuns: 60 },
    )
    expect(lost).toBeGreaterThan(0)
  })
})
