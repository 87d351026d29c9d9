import { once } from 'node:events'
import { trainHeads } from '@breakwater/trees'
import type { Head, Matrix, TrainOptions } from '@breakwater/trees'
import { createHeadThreads, trainHeadsParallel } from '@breakwater/trees/node'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import { uniformMatrix } from './seeded.ts'

const ROWS = 600
const random = xoroshiro128plus(5)
const matrix: Matrix = {
  columns: ['a', 'b', 'c'],
  rows: ROWS,
  values: Float32Array.from({ length: 3 * ROWS }, () => uniformFloat64(random)),
}
const heads: Head[] = Array.from({ length: 5 }, (_, i) => ({
  name: `head${i}`,
  objective: 'logistic',
  labels: Float32Array.from({ length: ROWS }, (_row, r) => Number((matrix.values[r] ?? 0) > 0.2 + 0.1 * i)),
  train: Uint8Array.from({ length: ROWS }, (_row, r) => Number(r < 450)),
  validation: Uint8Array.from({ length: ROWS }, (_row, r) => Number(r >= 450)),
}))
const options = { rounds: 30, rowSampling: 0.7, columnSampling: 0.7, seed: 9, earlyStoppingRounds: 10 }

describe('training on threads', () => {
  test.each([1, 2, 3])('gives the same results to the bit with %i threads', async (threads) => {
    const expected = await trainHeads(matrix, heads, options)
    expect(await trainHeadsParallel(matrix, heads, { ...options, threads })).toEqual(expected)
  })

  test.each([1, 2, 4])('gives the same bits where %i threads share one large head', async (threads) => {
    const large = uniformMatrix(9000, 40, { seed: 3, missing: 0.03 })
    const head: Head = {
      name: 'large',
      objective: 'logistic',
      labels: large.values.slice(0, 9000).map((x) => Number((x || 0.5) > 0.3)),
      train: new Uint8Array(9000).fill(1),
    }
    const expected = await trainHeads(large, [head], { rounds: 6 })
    expect(await trainHeadsParallel(large, [head], { rounds: 6, threads })).toEqual(expected)
  })

  test('trains a head with a loss of its own beside the others', async () => {
    const own: Head = {
      ...(heads[0] as Head),
      name: 'own',
      objective: 'custom',
      custom: {
        derivatives: (rows, scores, gradients, hessians) => {
          for (const row of rows) {
            gradients[row] = (scores[row] ?? 0) - (heads[0]?.labels[row] ?? 0)
            hessians[row] = 1
          }
        },
        loss: (score, label) => (score - label) ** 2,
      },
    }
    const expected = await trainHeads(matrix, [...heads, own], options)
    expect(await trainHeadsParallel(matrix, [...heads, own], { ...options, threads: 2 })).toEqual(expected)
  })

  test.each([
    { growth: 'leaf', maxLeaves: 9, minRowsPerLeaf: 3 },
    { dart: { dropRate: 0.5, skipDrop: 0 }, minRowsPerLeaf: 7, maxBins: 17 },
    { gradientLevels: 8, maxDepth: 4 },
    { goss: {}, interactions: [['a', 'b']], columnSamplingByNode: 0.7 },
    { categorical: ['b'], l1: 0.1, maxDeltaStep: 0.5 },
  ] as const satisfies readonly TrainOptions[])('gives the same bits where a team shares a head: %j', async (more) => {
    const codes: Matrix = {
      ...matrix,
      values: matrix.values.map((x, i) => (i >= ROWS && i < 2 * ROWS ? Math.floor(20 * x) : x)),
    }
    const weighted = heads.slice(0, 1).map((head) => ({ ...head, weights: head.labels.map((y, r) => 1 + y + (r % 3)) }))
    const settings = { rounds: 6, seed: 3, ...more }
    const expected = await trainHeads(codes, weighted, settings)
    expect(await trainHeadsParallel(codes, weighted, { ...settings, threads: 2 })).toEqual(expected)
  })

  test('reports every head, and skips one that cannot be trained without touching the others', async () => {
    const oneClass = { ...(heads[0] as Head), name: 'flat', labels: new Float32Array(ROWS) }
    const seen = new Set<string>()
    const results = await trainHeadsParallel(matrix, [oneClass, ...heads], {
      ...options,
      threads: 2,
      onProgress: ({ head }) => seen.add(head),
    })
    expect(results.map(({ status }) => status)).toEqual(['skipped', ...heads.map(() => 'trained')])
    expect([...seen].toSorted()).toEqual(heads.map(({ name }) => name))
  })

  test('an aborted signal stops it with the reason', async () => {
    const abort = new AbortController()
    const training = trainHeadsParallel(matrix, heads, {
      rounds: 100_000,
      minRowsPerLeaf: 1,
      threads: 2,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    })
    await expect(training).rejects.toThrow('enough')
  })

  test('threads that are kept train other heads on other rows next, and after an abort, to the same bits', async () => {
    const made = createHeadThreads()
    let taken = 0
    const keep = { ...made, take: () => (taken++, made.take()) }
    const other = uniformMatrix(300, 4, { seed: 8, missing: 0.1 })
    const few: Head[] = heads.slice(0, 3).map((head, i) => ({
      name: head.name,
      objective: 'squared',
      labels: other.values.slice(300 * i, 300 * (i + 1)).map((x) => x || 0),
      train: new Uint8Array(300).fill(1),
    }))
    try {
      for (const [data, some, settings] of [
        [matrix, heads, options],
        [other, few, { rounds: 7 }],
        [other, few.slice(0, 1), { rounds: 7 }],
        [matrix, heads, options],
      ] as const) {
        const expected = await trainHeads(data, some, settings)
        expect(await trainHeadsParallel(data, some, { ...settings, threads: 2, keep })).toEqual(expected)
      }
      expect(taken).toBe(8)
      const abort = new AbortController()
      const aborted = trainHeadsParallel(matrix, heads, {
        rounds: 100_000,
        minRowsPerLeaf: 1,
        threads: 2,
        keep,
        signal: abort.signal,
        onProgress: () => abort.abort(new Error('enough')),
      })
      await expect(aborted).rejects.toThrow('enough')
      expect(await trainHeadsParallel(other, few, { rounds: 7, threads: 2, keep })).toEqual(
        await trainHeads(other, few, { rounds: 7 }),
      )
    } finally {
      await made.close()
    }
  })

  test('a kept thread is taken again, and one that is given back after the end is stopped', async () => {
    const made = createHeadThreads()
    const first = made.take()
    made.give(first)
    const second = made.take()
    expect(second).toBe(first)
    await made.close()
    made.give(second)
    await once(second, 'exit')
    expect(second.threadId).toBe(-1)
  })

  test('refuses a number of threads that is none', async () => {
    await expect(trainHeadsParallel(matrix, heads, { threads: 0 })).rejects.toThrow(
      'trees: threads=0: must be an integer',
    )
  })
})
