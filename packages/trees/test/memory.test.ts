import { binMatrix, estimateMemory, trainBoosted } from '@breakwater/trees'
import type { Matrix } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { createMemory } from '#src/engine/memory'
import { trainSettings } from '#src/train/options'
import { planMemory } from '#src/train/plan-memory'
import { uniformMatrix } from './seeded.ts'

describe('the memory estimate', () => {
  it('is what training allocates where every column has all the bins it may, and more elsewhere', () => {
    const options = { maxBins: 32, maxDepth: 5 }
    const settings = trainSettings(options)
    for (const [rows, columns, threads] of [
      [1000, 5, 1],
      [2500, 33, 1],
      [700, 17, 3],
    ] as const) {
      const { engine } = estimateMemory({ rows, columns, heads: 2, threads, options })
      const allocated = (matrix: Matrix): number => {
        const regions = Math.min(threads, 2)
        const binned = binMatrix(matrix, { maxBins: 32 })
        const layout = planMemory(binned, settings, regions, Math.floor(threads / regions))
        return createMemory(layout, binned, false).buffer.byteLength
      }
      const full = uniformMatrix(rows, columns)
      expect(allocated(full)).toBe(engine)
      expect(allocated({ ...full, values: full.values.map((x) => Math.round(x)) })).toBeLessThanOrEqual(engine)
    }
  })

  it('refuses counts that are none', () => {
    expect(() => estimateMemory({ rows: 1, columns: 1, heads: 1, threads: 0 })).toThrow(
      'trees: threads=0: must be an integer of at least 1',
    )
    expect(() => estimateMemory({ rows: 0, columns: 1, heads: 1 })).toThrow('trees: rows=0: must be an integer')
  })

  it('grows with rows as the parts say', () => {
    const small = estimateMemory({ rows: 10_000, columns: 90, heads: 1 })
    const large = estimateMemory({ rows: 1_010_000, columns: 90, heads: 1 })
    expect(large.matrix - small.matrix).toBe(1e6 * 90 * 4)
    expect(large.bins - small.bins).toBe(1e6 * 90)
    // Codes in blocks of 16 columns and by column, and 44 bytes per row of the head.
    expect((large.engine - small.engine) / 1e6).toBeCloseTo(96 + 90 + 44, 0)
    expect(large.total).toBe(large.matrix + large.bins + large.engine + large.heads)
  })

  it('counts a region a thread, and names what is too large', async () => {
    const one = estimateMemory({ rows: 50_000, columns: 20, heads: 8 })
    const four = estimateMemory({ rows: 50_000, columns: 20, heads: 8, threads: 4 })
    expect((four.engine - one.engine) / 3).toBeGreaterThan(50_000 * 44)
    expect(() => estimateMemory({ rows: 1, columns: 1, heads: 1, options: { maxDepth: 99 } })).toThrow(
      'trees: maxDepth=99: must be an integer from 1 to 32',
    )
    const wide = uniformMatrix(64, 300)
    const options = { growth: 'leaf', maxLeaves: 4096, maxDepth: 32, maxBins: 255, objective: 'squared' } as const
    await expect(trainBoosted(wide, new Float32Array(64), options)).resolves.toMatchObject({ status: 'trained' })
    const huge = estimateMemory({ rows: 64, columns: 3000, heads: 1, options })
    expect(huge.engine).toBeGreaterThan(2 ** 31)
  })
})
