import { binMatrix } from '@breakwater/trees'
import type { Matrix } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { uniformMatrix } from './seeded.ts'
import { cutsOf, matrixOf, smallMatrix } from './small-data.ts'

const oneColumn = (...values: number[]): Matrix => matrixOf(1, values.length, values)

describe('binMatrix', () => {
  it('gives every distinct value a bin where there are few, cut midway', () => {
    const binned = binMatrix(oneColumn(3, 1, 1, 8, 3))
    expect(cutsOf(binned)).toEqual([Float32Array.of(2, 5.5)])
    expect([...binned.bins]).toEqual([2, 1, 1, 3, 2])
  })

  it('codes a value as 1 plus the number of cuts at or below it, and a missing one as 0', () => {
    fc.assert(
      fc.property(smallMatrix, fc.integer({ min: 2, max: 8 }), (matrix, maxBins) => {
        const binned = binMatrix(matrix, { maxBins })
        const expected = cutsOf(binned).flatMap((cuts, c) =>
          Array.from(matrix.values.subarray(c * matrix.rows, (c + 1) * matrix.rows), (x) =>
            Number.isNaN(x) ? 0 : 1 + cuts.filter((cut) => cut <= x).length,
          ),
        )
        expect([...binned.bins]).toEqual(expected)
      }),
    )
  })

  it('makes increasing 32-bit cuts, each separating values that occur, at most maxBins - 1 of them', () => {
    fc.assert(
      fc.property(smallMatrix, fc.integer({ min: 2, max: 8 }), (matrix, maxBins) => {
        for (const [c, cuts] of cutsOf(binMatrix(matrix, { maxBins })).entries()) {
          const values = [...matrix.values.subarray(c * matrix.rows, (c + 1) * matrix.rows)]
          const bounds = [-Infinity, ...cuts, Infinity]
          expect(cuts.length).toBeLessThan(maxBins)
          for (let k = 1; k < bounds.length - 1; k++) {
            const [below = 0, cut = 0, above = 0] = bounds.slice(k - 1, k + 2)
            expect(values.some((x) => x < cut && (k === 1 || x >= below))).toBe(true)
            expect(values.some((x) => x >= cut && (k === bounds.length - 2 || x < above))).toBe(true)
          }
        }
      }),
    )
  })

  it('shares many values evenly among the bins', () => {
    const binned = binMatrix(uniformMatrix(10_000, 1), { maxBins: 64 })
    const counts = new Uint32Array(64)
    for (const code of binned.bins) counts[code - 1] = (counts[code - 1] ?? 0) + 1
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(10_000 / 64 - 2)
    expect(Math.max(...counts)).toBeLessThanOrEqual(10_000 / 64 + 2)
  })

  it('gives a value that fills more than a bin one almost to itself, and the rest the other bins', () => {
    const { values } = uniformMatrix(1000, 1)
    const half = values.map((x, r) => (r % 2 === 0 ? 0.5 : x))
    const { bins } = binMatrix(matrixOf(1, 1000, half), { maxBins: 16 })
    const counts = new Uint32Array(16)
    for (const code of bins) counts[code - 1] = (counts[code - 1] ?? 0) + 1
    const heavy = (bins[0] ?? 0) - 1
    expect(counts[heavy]).toBeLessThan(500 + 1000 / 16 / 2)
    const others = Array.from(counts).filter((_, bin) => bin !== heavy)
    expect(Math.max(...others)).toBeLessThan(2 * (500 / 15))
    expect(Math.min(...others)).toBeGreaterThan(0)
  })

  it('fits cuts on the chosen rows alone and still codes all rows', () => {
    const values = [1, 2, 3, 100, Number.NaN, -100]
    const binned = binMatrix(oneColumn(...values), { rows: Uint8Array.of(1, 1, 1, 0, 0, 0) })
    expect(cutsOf(binned)).toEqual([Float32Array.of(1.5, 2.5)])
    expect([...binned.bins]).toEqual([1, 2, 3, 3, 0, 1])
  })

  it('orders infinities beyond every finite value', () => {
    const binned = binMatrix(oneColumn(-Infinity, -3e38, 0, 3e38, Infinity))
    expect([...binned.bins]).toEqual([1, 2, 3, 4, 5])
  })

  it('separates neighbouring 32-bit floats, denormals too', () => {
    const tiny = 1.401298464324817e-45
    const binned = binMatrix(oneColumn(0, tiny, 1, 1.0000001192092896, -0))
    expect([...binned.bins]).toEqual([1, 2, 3, 4, 1])
  })

  it('keeps and reports columns that are constant or empty in the fitted rows', () => {
    const matrix: Matrix = {
      columns: ['same', 'none', 'good'],
      rows: 3,
      values: Float32Array.of(7, Number.NaN, 7, Number.NaN, Number.NaN, Number.NaN, 1, 2, 3),
    }
    const binned = binMatrix(matrix)
    expect(binned.constantColumns).toEqual(['same'])
    expect(binned.missingColumns).toEqual(['none'])
    expect([...binned.bins]).toEqual([1, 0, 1, 0, 0, 0, 1, 2, 3])
  })

  it('reads row-major matrices as the same data', () => {
    const columns = matrixOf(2, 3, [1, 2, 3, 10, 20, 30])
    const rows: Matrix = { ...columns, values: Float32Array.of(1, 10, 2, 20, 3, 30), layout: 'rows' }
    expect(binMatrix(rows)).toEqual(binMatrix(columns))
  })

  it.each<[string, Matrix, Parameters<typeof binMatrix>[1], string]>([
    ['no column', { columns: [], rows: 0, values: new Float32Array() }, {}, 'trees: matrix.columns=[]: must name'],
    ['no row', { columns: ['a'], rows: 0, values: new Float32Array() }, {}, 'trees: matrix.rows=0: must have at least'],
    [
      'a wrong length',
      { ...oneColumn(1, 2), rows: 3 },
      {},
      'trees: matrix.values.length=2: must be columns x rows = 1 x 3',
    ],
    ['a name twice', { ...matrixOf(2, 1, [1, 2]), columns: ['a', 'a'] }, {}, 'trees: matrix.columns: "a" occurs twice'],
    ['a fraction of a row', { ...oneColumn(1), rows: 1.5 }, {}, 'trees: matrix.rows=1.5: must be an integer'],
    ['one bin', oneColumn(1, 2), { maxBins: 1 }, 'trees: maxBins=1: must be an integer from 2 to 255'],
    ['256 bins', oneColumn(1, 2), { maxBins: 256 }, 'trees: maxBins=256: must be an integer from 2 to 255'],
    ['a short mask', oneColumn(1, 2), { rows: Uint8Array.of(1) }, 'trees: rows.length=1: must equal matrix.rows=2'],
    ['an empty mask', oneColumn(1, 2), { rows: new Uint8Array(2) }, 'trees: rows: selects no row'],
  ])('refuses %s', (_, matrix, options, message) => {
    expect(() => binMatrix(matrix, options)).toThrow(message)
  })
})
