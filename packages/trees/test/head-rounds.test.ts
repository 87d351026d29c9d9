import { firstTrees, trainHeads, treeCount } from '@breakwater/trees'
import type { Head, TrainProgress } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { labelsOf, modelOf, uniformMatrix, uniformSource } from './seeded.ts'

describe('rounds of a head', () => {
  const matrix = uniformMatrix(600, 4)
  const next = uniformSource(2)
  const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(next() < 1 / (1 + Math.exp(-4 * (x + y - 1)))))
  const head = { objective: 'logistic', labels, train: new Uint8Array(600).fill(1) } as const
  const options = { rounds: 9, rowSampling: 0.7, seed: 3 }

  it('end its training alone: the bits of a training of so many rounds, and of the first trees of a longer one', async () => {
    const reports: TrainProgress[] = []
    const heads: Head[] = [
      { ...head, name: 'a' },
      { ...head, name: 'b', rounds: 4 },
    ]
    const results = await trainHeads(matrix, heads, { ...options, onProgress: (report) => reports.push(report) })
    const [long, short] = results.map((result) => modelOf(result))
    expect([long, short].map((model) => model && treeCount(model))).toEqual([9, 4])
    const [alone] = await trainHeads(matrix, [{ ...head, name: 'b' }], { ...options, rounds: 4 })
    const [longer] = await trainHeads(matrix, [{ ...head, name: 'b' }], options)
    if (alone === undefined || longer === undefined) throw new Error('both are trained')
    expect(short).toEqual(modelOf(alone))
    expect(short).toEqual(firstTrees(modelOf(longer), 4))
    expect(reports.filter((report) => report.head === 'b').map(({ rounds }) => rounds)).toEqual([4, 4, 4, 4])
  })

  it.each([0, 1.5, 10])('must be a whole number from 1 to those of the options, not %d', async (rounds) => {
    await expect(trainHeads(matrix, [{ ...head, name: 'b', rounds }], options)).rejects.toThrow(
      `trees: head "b": rounds=${rounds}: must be a whole number from 1 to the options' 9. Raise the rounds`,
    )
  })
})
