import { predictRaw, trainBoosted } from '@breakwater/trees'
import type { TreeModel } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { labelsOf, modelOf, uniformMatrix } from './seeded.ts'

describe('columns without a value', () => {
  it.each(['auto', 'reference'] as const)('change no tree, wherever they stand: %s', async (kernel) => {
    const rows = 900
    const some = uniformMatrix(rows, 18, { missing: 0.2 })
    const labels = labelsOf(some, ([x = 0, y = 0, z = 0]) => Number(x + y > 1 || Number.isNaN(z)))
    // Column k of 18 is column 3 k + 1 of 54: between them stand blocks' worth of nothing.
    const values = new Float32Array(54 * rows).fill(Number.NaN)
    for (let c = 0; c < 18; c++) values.set(some.values.subarray(c * rows, (c + 1) * rows), (3 * c + 1) * rows)
    const matrix = { columns: Array.from({ length: 54 }, (_, c) => `c${c}`), rows, values }
    const options = { rounds: 12, maxDepth: 5, seed: 3, kernel }
    const [alone, among] = await Promise.all(
      [some, matrix].map(async (m) => modelOf(await trainBoosted(m, labels, options))),
    )
    expect(among?.feature).toEqual(alone?.feature.map((c) => (c < 0 ? c : 3 * c + 1)))
    expect(among?.threshold).toEqual(alone?.threshold)
    expect(predictRaw(among as TreeModel, matrix)).toEqual(predictRaw(alone as TreeModel, some))
  })

  it('are all there is: no tree has a question', async () => {
    const matrix = { columns: ['a', 'b'], rows: 50, values: new Float32Array(100).fill(Number.NaN) }
    const labels = Float32Array.from({ length: 50 }, (_, r) => r % 2)
    const model = modelOf(await trainBoosted(matrix, labels, { rounds: 3 }))
    expect([...model.feature].every((feature) => feature < 0)).toBe(true)
  })
})
