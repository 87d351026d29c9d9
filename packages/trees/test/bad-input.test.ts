import { trainBoosted, trainHeads } from '@breakwater/trees'
import type { BoostOptions, Head, Matrix } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'

import { mask, uniformMatrix } from './seeded.ts'

const ROWS = 80
const matrix = uniformMatrix(ROWS, 3)
const labels = Float32Array.from({ length: ROWS }, (_, r) => r % 2)
const ones = new Uint8Array(ROWS).fill(1)
const head = (more: Partial<Head>): Head => ({ name: 'direction', objective: 'logistic', labels, train: ones, ...more })
const changed = (row: number, value: number): Float32Array => labels.with(row, value)
const weights = (row: number, value: number): Float32Array => new Float32Array(ROWS).fill(1).with(row, value)

describe('bad heads are errors that name head, argument, value, rule and fix', () => {
  it.each<[string, Partial<Head>, string]>([
    [
      'a label 2',
      { labels: changed(7, 2) },
      'labels[7]: 2 must be 0 or 1 for a logistic head. Take the row out of the train mask',
    ],
    ['a missing label', { labels: changed(3, Number.NaN) }, 'labels[3]: NaN must be 0 or 1 for a logistic head'],
    [
      'an infinite target',
      { objective: 'squared', labels: changed(3, Infinity) },
      'labels[3]: Infinity must be a finite number',
    ],
    [
      'a missing label among the validation rows',
      { labels: changed(70, Number.NaN), train: mask(ROWS, (r) => r < 60), validation: mask(ROWS, (r) => r >= 60) },
      'labels[70]: NaN must be 0 or 1 for a logistic head. Take the row out of the validation mask',
    ],
    ['labels of another length', { labels: labels.subarray(1) }, 'labels.length: 79 entries for 80 matrix rows'],
    ['a mask of another length', { train: ones.subarray(1) }, 'train.length: 79 entries for 80 matrix rows'],
    ['weights of another length', { weights: new Float32Array(3) }, 'weights.length: 3 entries for 80 matrix rows'],
    ['a negative weight', { weights: weights(5, -1) }, 'weights[5]: -1 must be a number of 0 or more'],
    ['a missing weight', { weights: weights(5, Number.NaN) }, 'weights[5]: NaN must be a number of 0 or more'],
    ['weights that are all zero', { weights: new Float32Array(ROWS) }, 'weights: all training rows have weight 0'],
    ['a row in both masks', { validation: mask(ROWS, (r) => r === 9) }, 'validation: row 9 is a training row too'],
    [
      'a negative count',
      { objective: 'poisson', labels: changed(4, -1) },
      'labels[4]: -1 must be a number of 0 or more',
    ],
    ['a missing target', { objective: 'quantile', labels: changed(4, Number.NaN) }, 'labels[4]: NaN must be a finite'],
    ['an infinite weight', { weights: weights(5, Infinity) }, 'weights[5]: Infinity must be a number of 0 or more'],
    ['a quantile of 0', { objective: 'quantile', quantile: 0 }, 'quantile=0: must be above 0 and below 1'],
    [
      'an infinite delta',
      { objective: 'huber', huberDelta: Infinity },
      'huberDelta=Infinity: must be a number above 0',
    ],
    [
      'a class weight of 0',
      { classWeights: [0, 1] },
      "classWeights=[0,1]: must be two numbers above 0. Or use 'balanced'",
    ],
    [
      'a direction 2',
      { monotone: { c0: 2 as 1 } },
      'monotone.c0: 2 is not a direction. Use 1 for rising, -1 for falling',
    ],
    ['an unknown column', { columns: ['c1', 'sma'] }, 'columns: "sma" is not a matrix column. Check its spelling'],
    ['no columns', { columns: [] }, 'columns: empty. Leave it out to allow every column'],
  ])('%s', async (_, more, message) => {
    await expect(trainHeads(matrix, [head(more)])).rejects.toThrow(`trees: head "direction": ${message}`)
  })

  it('two heads of one name, and no heads', async () => {
    await expect(trainHeads(matrix, [head({}), head({})])).rejects.toThrow(
      'trees: head "direction": name: occurs twice',
    )
    await expect(trainHeads(matrix, [])).rejects.toThrow('trees: heads=[]: must have at least one head')
  })

  it('early stopping without validation rows', async () => {
    await expect(trainHeads(matrix, [head({})], { earlyStoppingRounds: 5 })).rejects.toThrow(
      'trees: head "direction": validation: missing although earlyStoppingRounds is set',
    )
  })
})

describe('options out of range are errors that name the option, its value and the rule', () => {
  it.each<[BoostOptions, string]>([
    [{ rounds: 0 }, 'trees: rounds=0: must be an integer from 1 to 100000'],
    [{ rounds: 1.5 }, 'trees: rounds=1.5: must be an integer'],
    [{ learningRate: 0 }, 'trees: learningRate=0: must be above 0 and at most 1'],
    [{ learningRate: Number.NaN }, 'trees: learningRate=NaN: must be above 0 and at most 1'],
    [{ maxDepth: 33 }, 'trees: maxDepth=33: must be an integer from 1 to 32'],
    [{ maxBins: 256 }, 'trees: maxBins=256: must be an integer from 2 to 255'],
    [{ l2: -1 }, 'trees: l2=-1: must be a number of 0 or more'],
    [{ minSplitGain: Infinity }, 'trees: minSplitGain=Infinity: must be a number of 0 or more'],
    [{ minChildWeight: -0.1 }, 'trees: minChildWeight=-0.1: must be a number of 0 or more'],
    [{ l2: 0, minChildWeight: 0 }, 'trees: minChildWeight=0: must be above 0 where l2 is 0'],
    [{ minRowsPerLeaf: 0 }, 'trees: minRowsPerLeaf=0: must be an integer from 1'],
    [{ rowSampling: 1.1 }, 'trees: rowSampling=1.1: must be above 0 and at most 1'],
    [{ columnSampling: 0 }, 'trees: columnSampling=0: must be above 0 and at most 1'],
    [{ earlyStoppingRounds: 0 }, 'trees: earlyStoppingRounds=0: must be an integer from 1'],
    [{ minRows: 0 }, 'trees: minRows=0: must be an integer from 1'],
    [{ rounds: 100_001 }, 'trees: rounds=100001: must be an integer from 1 to 100000'],
    [{ maxDepth: 0 }, 'trees: maxDepth=0: must be an integer from 1 to 32'],
    [{ maxLeaves: 4097 }, 'trees: maxLeaves=4097: must be an integer from 2 to 4096'],
    [{ maxBins: 1 }, 'trees: maxBins=1: must be an integer from 2 to 255'],
    [{ l1: Number.NaN }, 'trees: l1=NaN: must be a number of 0 or more'],
    [{ maxDeltaStep: -1 }, 'trees: maxDeltaStep=-1: must be a number of 0 or more'],
    [{ minImprovement: -1 }, 'trees: minImprovement=-1: must be a number of 0 or more'],
    [{ goss: { other: 1.5 } }, 'trees: goss.other=1.5: must be above 0 and at most 1'],
    [{ dart: { skipDrop: -0.1 } }, 'trees: dart.skipDrop=-0.1: must be from 0 to 1'],
    [{ kernel: 'fast' as 'auto' }, 'trees: kernel=fast: must be one of auto, reference'],
    [{ metrics: ['f1' as 'auc'] }, 'trees: metrics=f1: must be one of loss, auc, brier, error, mae, rmse'],
    [{ seed: 0.5 }, 'trees: seed=0.5: must be an integer'],
    [{ binningRows: new Uint8Array(3) }, 'trees: rows.length=3: must equal matrix.rows=80'],
  ])('%o', async (options, message) => {
    await expect(trainBoosted(matrix, labels, options)).rejects.toThrow(message)
  })
})

describe('odd shapes', () => {
  it('0 rows are refused', async () => {
    const none: Matrix = { columns: ['a'], rows: 0, values: new Float32Array() }
    await expect(trainBoosted(none, new Float32Array())).rejects.toThrow(
      'trees: matrix.rows=0: must have at least one row',
    )
  })

  it('one row is a head with too few rows', async () => {
    const one: Matrix = { columns: ['a'], rows: 1, values: Float32Array.of(1) }
    expect(await trainBoosted(one, Float32Array.of(1))).toMatchObject({ status: 'skipped', code: 'too-few-rows' })
  })

  it('columns that are constant, empty or one infinity train a model without trees', async () => {
    const flat: Matrix = {
      columns: ['constant', 'empty', 'infinite'],
      rows: ROWS,
      values: new Float32Array(3 * ROWS)
        .fill(7, 0, ROWS)
        .fill(Number.NaN, ROWS, 2 * ROWS)
        .fill(-Infinity, 2 * ROWS),
    }
    for (const objective of ['logistic', 'squared', 'absolute', 'poisson'] as const) {
      const result = await trainBoosted(flat, labels, { objective, minRowsPerLeaf: 1, minChildWeight: 0.001 })
      expect(result).toMatchObject({ status: 'trained', stopped: 'no-split' })
    }
  })

  it('one row trains its own label, where so few are allowed', async () => {
    const one: Matrix = { columns: ['a'], rows: 1, values: Float32Array.of(1) }
    const options = { objective: 'squared', minRows: 1, minRowsPerLeaf: 1 } as const
    const result = await trainBoosted(one, Float32Array.of(2.5), options)
    expect(result).toMatchObject({ status: 'trained', model: { baseScore: 2.5 }, stopped: 'no-split' })
  })

  it('masks with no training row skip the head', async () => {
    const none = await trainBoosted(matrix, labels, { train: new Uint8Array(ROWS) })
    expect(none).toMatchObject({ status: 'skipped', code: 'no-rows', reason: 'no training row' })
  })

  it('counts that are all 0 skip a poisson head', async () => {
    const result = await trainBoosted(matrix, new Float32Array(ROWS), { objective: 'poisson' })
    expect(result).toMatchObject({ status: 'skipped', reason: 'all 80 training rows have label 0' })
  })

  it('more columns than rows, infinities and empty columns train', async () => {
    const wide = uniformMatrix(60, 200, { missing: 0.2 })
    wide.values.fill(Number.NaN, 0, 60)
    wide.values.fill(Infinity, 60, 90)
    const result = await trainBoosted(wide, labels.subarray(0, 60), { rounds: 3 })
    expect(result.status).toBe('trained')
  })
})
