import { binMatrix, predictRaw, trainHeads } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cutsOf, smallProblem } from './small-data.ts'
import { nestedTrees, twinTrain } from './twin.ts'
import type { TwinTree } from './twin.ts'

const options = fc.record({
  rounds: fc.integer({ min: 1, max: 4 }),
  learningRate: fc.constantFrom(0.05, 0.3, 0.6),
  maxDepth: fc.integer({ min: 1, max: 5 }),
  l2: fc.constantFrom(0, 0.5, 1, 10),
  minSplitGain: fc.constantFrom(0, 0, 0.1, 1),
  minChildWeight: fc.constantFrom(1e-3, 0.313, 1.017, 2.019),
  minRowsPerLeaf: fc.integer({ min: 1, max: 4 }),
})

/** Equal structure, and numbers equal to 32-bit rounding. */
function expectSame(ours: TwinTree, twin: TwinTree): void {
  expect(ours.cover).toBeCloseTo(twin.cover, 4)
  if ('value' in ours || 'value' in twin) {
    expect('value' in ours && 'value' in twin).toBe(true)
    if ('value' in ours && 'value' in twin) expect(Math.abs(ours.value - twin.value)).toBeLessThan(1e-5)
    return
  }
  const question = ({ column, threshold, missingLeft }: typeof ours): object => ({ column, threshold, missingLeft })
  expect(question(ours)).toEqual(question(twin))
  expect(Math.abs(ours.gain - twin.gain)).toBeLessThan(1e-5 * (1 + twin.gain))
  expectSame(ours.left, twin.left)
  expectSame(ours.right, twin.right)
}

describe('the exact twin', () => {
  it('grows the same trees from raw values, without bins, histograms or subtraction', async () => {
    await fc.assert(
      fc.asyncProperty(
        smallProblem,
        options,
        fc.constantFrom(2, 3, 255),
        async ({ matrix, head }, settings, maxBins) => {
          const binned = binMatrix(matrix, {
            maxBins,
            rows: head.train.some(Boolean) ? head.train : new Uint8Array(matrix.rows).fill(1),
          })
          const [result] = await trainHeads(binned, [head], { ...settings, minRows: 1 })
          if (result?.status !== 'trained') {
            expect(['no-rows', 'one-class']).toContain(result?.code)
            return
          }
          const twin = twinTrain(matrix, cutsOf(binned), head, settings)
          const ours = nestedTrees(result.model)
          expect(ours.length).toBe(twin.length)
          for (const [t, tree] of ours.entries()) expectSame(tree, twin[t] ?? { value: Number.NaN, cover: Number.NaN })
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('reaches the training scores that prediction gives, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(smallProblem, async ({ matrix, head }) => {
        const squared = { ...head, objective: 'squared' as const }
        const [result] = await trainHeads(matrix, [squared], { rounds: 5, minRows: 1, minRowsPerLeaf: 1 })
        if (result?.status !== 'trained') return
        const scores = predictRaw(result.model, matrix)
        let loss = 0
        let weight = 0
        for (let r = 0; r < matrix.rows; r++) {
          const w = head.train[r] === 1 ? (head.weights?.[r] ?? 1) : 0
          if (w === 0) continue
          const difference = (scores[r] ?? Number.NaN) - (head.labels[r] ?? Number.NaN)
          loss += w * difference * difference
          weight += w
        }
        expect(result.trainLoss.at(-1)).toBe(loss / weight)
      }),
    )
  })
})
