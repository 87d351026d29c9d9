import { importance, predict, predictRaw, trainBoosted, trainHeads, treeCount } from '@breakwater/trees'
import type { Head, Matrix, TrainProgress } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'

import { labelsOf, mask, modelOf, uniformMatrix, uniformSource } from './seeded.ts'
import { nestedTrees } from './naive-trainer.ts'

const all = (rows: number): Uint8Array => new Uint8Array(rows).fill(1)

/** Labels whose log-odds depend on two columns, with noise. */
function noisyLabels(matrix: Matrix, seed = 2): Float32Array {
  const next = uniformSource(seed)
  return labelsOf(matrix, ([x = 0, y = 0]) => Number(next() < 1 / (1 + Math.exp(-4 * (x + y - 1)))))
}

describe('planted truth', () => {
  it('is recovered: one tree finds the questions that made the labels', async () => {
    const matrix = uniformMatrix(2000, 5)
    const labels = labelsOf(matrix, ([, a = 0, , b = 0]) => (a < 0.3 ? -2 : b < 0.6 ? 1 : 5))
    const options = { objective: 'squared', rounds: 1, learningRate: 1, maxDepth: 2, l2: 0 } as const
    const [tree] = nestedTrees(modelOf(await trainBoosted(matrix, labels, options)))
    expect(tree).toMatchObject({ column: 1, right: { column: 3 } })
    const scores = predictRaw(
      modelOf(await trainBoosted(matrix, labels, { ...options, rounds: 20, maxDepth: 3 })),
      matrix,
    )
    const worst = Math.max(...scores.map((score, r) => Math.abs(score - (labels[r] ?? 0))))
    expect(worst).toBeLessThan(1)
  })

  it('is found in whether a value is missing, with no other question', async () => {
    const matrix = uniformMatrix(1000, 3, { missing: 0.3 })
    const labels = labelsOf(matrix, ([, y = 0]) => Number(Number.isNaN(y)))
    const model = modelOf(await trainBoosted(matrix, labels, { rounds: 1, maxDepth: 1 }))
    expect(nestedTrees(model)[0]).toMatchObject({ column: 1, threshold: -Infinity, missingLeft: true })
  })

  it('is found in a column that is constant where it is present', async () => {
    const { values } = uniformMatrix(500, 1, { missing: 0.4 })
    const matrix = { columns: ['flag'], rows: 500, values: values.map((x) => (Number.isNaN(x) ? x : 3)) }
    const labels = labelsOf(matrix, ([x = 0]) => Number(Number.isNaN(x)))
    const model = modelOf(await trainBoosted(matrix, labels, { rounds: 30 }))
    expect([...predict(model, matrix)].every((p, r) => p > 0.5 === (labels[r] === 1))).toBe(true)
  })

  it('shows in the importances: the columns that matter first, unused ones with zeros', async () => {
    const matrix = uniformMatrix(3000, 6)
    const model = modelOf(await trainBoosted(matrix, noisyLabels(matrix), { rounds: 20, columns: ['c0', 'c1', 'c4'] }))
    const ranked = importance(model)
    expect(
      ranked
        .slice(0, 2)
        .map(({ column }) => column)
        .toSorted(),
    ).toEqual(['c0', 'c1'])
    expect(ranked.filter(({ count }) => count === 0).map(({ column }) => column)).toEqual(['c2', 'c3', 'c5'])
    expect(ranked.reduce((sum, { count }) => sum + count, 0)).toBe(model.feature.filter((f) => f >= 0).length)
    expect(ranked.map(({ gain }) => gain)).toEqual(ranked.map(({ gain }) => gain).toSorted((a, b) => b - a))
  })
})

describe('the base score', () => {
  it('is the weighted log-odds or mean of the training rows alone', async () => {
    const matrix = uniformMatrix(100, 1)
    const train = mask(100, (r) => r < 80)
    const weights = Float32Array.from({ length: 100 }, (_, r) => (r < 20 ? 3 : 1))
    const labels = Float32Array.from({ length: 100 }, (_, r) => Number(r < 20 || r >= 80))
    const one = { train, weights, rounds: 1, minRowsPerLeaf: 100 }
    const logistic = modelOf(await trainBoosted(matrix, labels, one))
    expect(logistic.baseScore).toBeCloseTo(Math.log(60 / 60), 12)
    const squared = modelOf(await trainBoosted(matrix, labels, { ...one, objective: 'squared' }))
    expect(squared.baseScore).toBeCloseTo(0.5, 12)
    expect(treeCount(squared)).toBe(0)
  })
})

describe('early stopping', () => {
  const matrix = uniformMatrix(600, 8)
  const labels = noisyLabels(matrix)
  const halves = { train: mask(600, (r) => r < 300), validation: mask(600, (r) => r >= 300) }

  it('keeps the trees up to the minimum validation loss and stops when patience is over', async () => {
    const result = await trainBoosted(matrix, labels, {
      ...halves,
      rounds: 500,
      earlyStoppingRounds: 15,
      learningRate: 0.2,
    })
    if (result.status !== 'trained') throw new Error(result.reason)
    const curve = [...(result.validationLoss ?? [])]
    expect(result.stopped).toBe('early')
    expect(result.bestRound).toBe(curve.indexOf(Math.min(...curve)))
    expect(treeCount(result.model)).toBe(result.bestRound)
    expect(curve.length - 1).toBe(result.bestRound + 15)
  })

  it('reports the loss that the kept model has on those rows', async () => {
    const result = await trainBoosted(matrix, labels, { ...halves, rounds: 100, earlyStoppingRounds: 10 })
    if (result.status !== 'trained') throw new Error(result.reason)
    const p = predict(result.model, matrix)
    let loss = 0
    for (let r = 300; r < 600; r++) loss -= Math.log(labels[r] === 1 ? (p[r] ?? 0) : 1 - (p[r] ?? 0))
    expect(result.validationLoss?.[result.bestRound]).toBeCloseTo(loss / 300, 10)
  })

  it('is the same model as training for the best number of rounds', async () => {
    const stopped = await trainBoosted(matrix, labels, { ...halves, rounds: 200, earlyStoppingRounds: 10 })
    if (stopped.status !== 'trained') throw new Error(stopped.reason)
    const direct = await trainBoosted(matrix, labels, { train: halves.train, rounds: stopped.bestRound })
    expect(modelOf(direct)).toEqual(stopped.model)
  })

  it('keeps no tree where every tree makes the validation loss worse', async () => {
    const opposite = labels.map((y, r) => (r < 300 ? y : 1 - y))
    const result = await trainBoosted(matrix, opposite, { ...halves, earlyStoppingRounds: 5 })
    if (result.status !== 'trained') throw new Error(result.reason)
    expect([result.bestRound, treeCount(result.model), result.stopped]).toEqual([0, 0, 'early'])
  })

  it('without it, keeps every tree and still reports the curve', async () => {
    const result = await trainBoosted(matrix, labels, { ...halves, rounds: 60, learningRate: 0.3 })
    if (result.status !== 'trained') throw new Error(result.reason)
    expect(treeCount(result.model)).toBe(60)
    expect(result.validationLoss?.length).toBe(61)
    expect(result.bestRound).toBeLessThan(60)
  })
})

describe('heads', () => {
  const matrix = uniformMatrix(400, 4, { missing: 0.05 })
  const labels = noisyLabels(matrix)
  const head = (name: string, more: Partial<Head> = {}): Head => ({
    name,
    objective: 'logistic',
    labels,
    train: all(400),
    ...more,
  })

  it('that cannot be trained are skipped with a reason, and the others train', async () => {
    const results = await trainHeads(
      matrix,
      [
        head('good'),
        head('ones', { labels: new Float32Array(400).fill(1) }),
        head('few', { train: mask(400, (r) => r < 30) }),
        head('empty', { train: new Uint8Array(400) }),
        head('strength', { objective: 'squared' }),
      ],
      { rounds: 3 },
    )
    expect(results.map(({ status }) => status)).toEqual(['trained', 'skipped', 'skipped', 'skipped', 'trained'])
    expect(results.flatMap((result) => (result.status === 'skipped' ? [[result.code, result.reason]] : []))).toEqual([
      ['one-class', 'all 400 training rows have label 1'],
      ['too-few-rows', '30 training rows, fewer than the 50 required'],
      ['no-rows', 'no training row'],
    ])
  })

  it('ignore rows outside their masks, whatever these hold', async () => {
    const train = mask(400, (r) => r % 2 === 0)
    const dirty = labels.map((y, r) => (r % 2 === 0 ? y : Number.NaN))
    const options = { rounds: 5, binningRows: all(400) }
    const [clean] = await trainHeads(matrix, [head('a', { train })], options)
    const [masked] = await trainHeads(matrix, [head('a', { train, labels: dirty })], options)
    expect(masked).toEqual(clean)
  })

  it('leave out rows of weight 0', async () => {
    const weights = Float32Array.from({ length: 400 }, (_, r) => Number(r % 3 !== 0))
    const options = { rounds: 5, binningRows: all(400) }
    const [weighted] = await trainHeads(matrix, [head('a', { weights })], options)
    const [masked] = await trainHeads(matrix, [head('a', { train: mask(400, (r) => r % 3 !== 0) })], options)
    expect(modelOf(weighted)).toEqual(modelOf(masked))
  })

  it('do not depend on which other heads are trained, or on their order, also when rows are sampled', async () => {
    const options = { rounds: 5, rowSampling: 0.6, columnSampling: 0.5, seed: 4, binningRows: all(400) }
    const heads = [head('a'), head('b', { objective: 'squared' }), head('c')]
    const [a, , c] = await trainHeads(matrix, heads, options)
    expect(await trainHeads(matrix, heads.slice(2), options)).toEqual([c])
    expect(await trainHeads(matrix, heads.toReversed(), options)).toEqual([c, expect.anything(), a])
    expect(modelOf(a)).not.toEqual(modelOf(c))
  })

  it('give the same bits for the same seed, and other trees for another', async () => {
    const options = { rounds: 5, rowSampling: 0.5 }
    const first = modelOf(await trainBoosted(matrix, labels, { ...options, seed: 1 }))
    expect(modelOf(await trainBoosted(matrix, labels, { ...options, seed: 1 }))).toEqual(first)
    expect(modelOf(await trainBoosted(matrix, labels, { ...options, seed: 2 }))).not.toEqual(first)
  })

  it('never split on a column that is not theirs', async () => {
    const model = modelOf(await trainBoosted(matrix, labels, { rounds: 20, columns: ['c3', 'c2'] }))
    expect(new Set(model.feature)).toEqual(new Set([-1, 2, 3]))
    expect(model.columns).toEqual(matrix.columns)
  })

  it('use the sampled share of rows and columns for each tree', async () => {
    const model = modelOf(await trainBoosted(matrix, labels, { rounds: 30, rowSampling: 0.5, columnSampling: 0.5 }))
    for (const root of model.treeStart.slice(0, -1)) expect(model.cover[root]).toBeLessThanOrEqual(50)
    for (const [t, from] of model.treeStart.slice(0, -1).entries()) {
      const used = new Set(model.feature.slice(from, model.treeStart[t + 1]).filter((f) => f >= 0))
      expect(used.size).toBeLessThanOrEqual(2)
    }
  })

  it('keep to depth and leaf sizes', async () => {
    const model = modelOf(
      await trainBoosted(matrix, labels, { objective: 'squared', rounds: 10, maxDepth: 3, minRowsPerLeaf: 40 }),
    )
    const depth = (tree: object): number =>
      'left' in tree && 'right' in tree ? 1 + Math.max(depth(tree.left as object), depth(tree.right as object)) : 0
    expect(Math.max(...nestedTrees(model).map(depth))).toBe(3)
    const leafRows = model.cover.filter((_, node) => (model.feature[node] ?? 0) < 0)
    expect(Math.min(...leafRows)).toBeGreaterThanOrEqual(40)
  })

  it('stop where no split is left', async () => {
    const result = await trainBoosted(matrix, labels, { minRowsPerLeaf: 250 })
    expect(result).toMatchObject({ status: 'trained', stopped: 'no-split' })
    expect(treeCount(modelOf(result))).toBe(0)
  })
})

describe('a run', () => {
  const matrix = uniformMatrix(300, 3)
  const labels = noisyLabels(matrix)

  it('reports every round with its losses', async () => {
    const seen: TrainProgress[] = []
    const result = await trainBoosted(matrix, labels, {
      name: 'direction',
      rounds: 4,
      train: mask(300, (r) => r < 200),
      validation: mask(300, (r) => r >= 200),
      onProgress: (progress) => seen.push(progress),
    })
    if (result.status !== 'trained') throw new Error(result.reason)
    expect(
      seen.map(({ head, headIndex, heads, round, rounds }) => ({ head, headIndex, heads, round, rounds })),
    ).toEqual([1, 2, 3, 4].map((round) => ({ head: 'direction', headIndex: 0, heads: 1, round, rounds: 4 })))
    expect(seen.map(({ trainLoss }) => trainLoss)).toEqual([...result.trainLoss].slice(1))
    expect(seen.map(({ validationLoss }) => validationLoss)).toEqual([...(result.validationLoss ?? [])].slice(1))
  })

  it('stops with the reason of an aborted signal, also between two nodes of a tree', async () => {
    const abort = new AbortController()
    const late = trainBoosted(matrix, labels, {
      signal: abort.signal,
      onProgress: ({ round }) => {
        if (round === 2) abort.abort(new Error('enough'))
      },
    })
    await expect(late).rejects.toThrow('enough')
    await expect(trainBoosted(matrix, labels, { signal: AbortSignal.abort() })).rejects.toThrow('abort')
  })

  it('stops within a tree, before its first round is over', async () => {
    const big = uniformMatrix(60_000, 40)
    const abort = new AbortController()
    let rounds = 0
    const training = trainBoosted(big, noisyLabels(big), {
      maxDepth: 15,
      minRowsPerLeaf: 1,
      minChildWeight: 0.001,
      rounds: 1,
      signal: abort.signal,
      onProgress: () => rounds++,
    })
    // The loop turns when training pauses: bins are done without a pause here, and the one tree takes one.
    setImmediate(() => abort.abort(new Error('enough')))
    await expect(training).rejects.toThrow('enough')
    expect(rounds).toBe(0)
  })

  it('lets the event loop turn while it trains', async () => {
    const big = uniformMatrix(4000, 30)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await trainBoosted(big, noisyLabels(big), { rounds: 200 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(1)
  })
})
