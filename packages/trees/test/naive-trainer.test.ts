import { binMatrix, predictRaw, trainHeads } from '@breakwater/trees'
import type { Head } from '@breakwater/trees'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cutsOf, smallProblem } from './small-data.ts'
import { nestedTrees, naiveTrain } from './naive-trainer.ts'
import type { NaiveTree } from './naive-trainer.ts'

const options = fc.record({
  rounds: fc.integer({ min: 1, max: 4 }),
  learningRate: fc.constantFrom(0.05, 0.3, 0.6),
  maxDepth: fc.integer({ min: 1, max: 5 }),
  l2: fc.constantFrom(0, 0.5, 1, 10),
  minSplitGain: fc.constantFrom(0, 0, 0.1, 1),
  minChildWeight: fc.constantFrom(1e-3, 0.313, 1.017, 2.019),
  minRowsPerLeaf: fc.integer({ min: 1, max: 4 }),
})

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * (1 + Math.abs(b))

const TIE = 'tie'

/** Where two trees differ: in structure, or in numbers beyond 32-bit rounding. */
function differences(ours: NaiveTree, naive: NaiveTree, path = 'root'): string[] {
  if (!near(ours.cover, naive.cover)) return [`${path}: cover ${ours.cover}, naive ${naive.cover}`]
  if ('value' in ours && 'value' in naive) {
    return near(ours.value, naive.value) ? [] : [`${path}: value ${ours.value}, naive ${naive.value}`]
  }
  if ('value' in ours || 'value' in naive) return [`${path}: one is a leaf, the other a branch`]
  const asked = ({ column, threshold, missingLeft }: typeof ours): string => `c${column} < ${threshold}, ${missingLeft}`
  if (asked(ours) !== asked(naive)) {
    // 32 bits choose the column: two whose gains are this close are ranked either way, and all below differs.
    const tie = Math.abs(ours.gain - naive.gain) <= 1e-4 * naive.gain
    return [tie ? TIE : `${path}: ${asked(ours)}, naive ${asked(naive)}`]
  }
  if (!near(ours.gain, naive.gain)) return [`${path}: gain ${ours.gain}, naive ${naive.gain}`]
  return [
    ...differences(ours.left, naive.left, `${path}.left`),
    ...differences(ours.right, naive.right, `${path}.right`),
  ]
}

describe('the exact naive', () => {
  it('grows the same trees from raw values, without bins, histograms or subtraction', async () => {
    let compared = 0
    let ties = 0
    await fc.assert(
      fc.asyncProperty(smallProblem, options, fc.constantFrom(2, 3, 255), async ({ matrix, head }, drawn, maxBins) => {
        const binned = binMatrix(matrix, {
          maxBins,
          rows: head.train.some(Boolean) ? head.train : new Uint8Array(matrix.rows).fill(1),
        })
        // Where hessians differ, rows are judged by hessian while cuts are compared; see the test of leaves.
        const minRowsPerLeaf = head.objective === 'squared' && !head.weights ? drawn.minRowsPerLeaf : 1
        const settings = { ...drawn, minRowsPerLeaf }
        const [result] = await trainHeads(binned, [head], { ...settings, minRows: 1 })
        if (result === undefined) throw new Error('no result')
        if (result.status !== 'trained') return ['no-rows', 'one-class'].includes(result.code)
        const naive = naiveTrain(matrix, cutsOf(binned), head, settings)
        const ours = nestedTrees(result.model)
        const nothing = { value: Number.NaN, cover: Number.NaN }
        const found = ours.flatMap((tree, t) => differences(tree, naive[t] ?? nothing, `tree ${t}`))
        compared++
        if (found.includes(TIE)) {
          ties++
          return found[0] === TIE
        }
        expect(found).toEqual([])
        return ours.length === naive.length
      }),
      // Fixed, since gains that differ by rounding alone can be ranked either way.
      { numRuns: 1000, seed: 20 },
    )
    expect(compared).toBeGreaterThan(700)
    expect(ties / compared).toBeLessThan(0.02)
  })

  it('grows the same trees where l1, maxDeltaStep and monotone columns restrict leaves', async () => {
    let compared = 0
    let ties = 0
    await fc.assert(
      fc.asyncProperty(
        smallProblem,
        options,
        fc.record({
          l1: fc.constantFrom(0, 0.2, 1.5),
          maxDeltaStep: fc.constantFrom(0, 0.1, 0.6),
          monotone: fc.array(fc.constantFrom(-1, 0, 1), { minLength: 4, maxLength: 4 }),
        }),
        async ({ matrix, head }, drawn, { l1, maxDeltaStep, monotone }) => {
          if (!head.train.some(Boolean)) return true
          const binned = binMatrix(matrix, { rows: head.train })
          const settings = { ...drawn, l1, maxDeltaStep, rounds: 2 }
          const named = Object.fromEntries(matrix.columns.map((name, c) => [name, monotone[c] ?? 0]))
          const directions = Object.fromEntries(Object.entries(named).filter(([, direction]) => direction !== 0))
          const restricted = { ...head, monotone: directions as Head['monotone'] & object }
          const [result] = await trainHeads(binned, [restricted], { ...settings, minRowsPerLeaf: 1, minRows: 1 })
          if (result === undefined) throw new Error('no result')
          if (result.status !== 'trained') return ['no-rows', 'one-class'].includes(result.code)
          const naive = naiveTrain(matrix, cutsOf(binned), head, { ...settings, minRowsPerLeaf: 1, monotone })
          const found = nestedTrees(result.model).flatMap((tree, t) =>
            differences(tree, naive[t] ?? { value: Number.NaN, cover: Number.NaN }, `tree ${t}`),
          )
          compared++
          if (found.includes(TIE)) {
            ties++
            return found[0] === TIE
          }
          expect(found).toEqual([])
          return result.model.treeStart.length - 1 === naive.length
        },
      ),
      { numRuns: 600, seed: 21 },
    )
    expect(compared).toBeGreaterThan(400)
    expect(ties / compared).toBeLessThan(0.05)
  })

  it('reaches the training scores that prediction gives', async () => {
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
        // Scores are kept in 32 bits while training.
        expect(result.trainLoss.at(-1)).toBeCloseTo(loss / weight, 4)
      }),
    )
  })
})
