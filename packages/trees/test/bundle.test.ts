import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeBundle, encodeBundle, predictRaw, predictRow, sigmoid, trainBoosted } from '@breakwater/trees'
import type { Bundle, BundleDescription, Matrix, TreeModel } from '@breakwater/trees'
import { loadBundles, writeBundles } from '@breakwater/trees/node'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const COLUMNS = ['a', 'b', 'c', 'd']

function data(rows: number, objective: 'logistic' | 'squared'): { matrix: Matrix; labels: Float32Array } {
  const random = xoroshiro128plus(3)
  const next = (): number => uniformFloat64(random)
  const values = Float32Array.from({ length: rows * COLUMNS.length }, () =>
    next() < 0.1 ? Number.NaN : next() * 4 - 2,
  )
  const labels = Float32Array.from({ length: rows }, (_, r) => {
    const [a, b] = [values[r] ?? 0, values[rows + r] ?? 0]
    const z = Math.sin(2 * (Number.isNaN(a) ? 1 : a)) + (Number.isNaN(b) ? -0.5 : b * 0.4) + next() - 0.5
    return objective === 'logistic' ? Number(z > 0) : z * 3
  })
  return { matrix: { columns: COLUMNS, rows, values }, labels }
}

async function trained(objective: 'logistic' | 'squared', rounds = 120): Promise<TreeModel> {
  const { matrix, labels } = data(900, objective)
  const head = await trainBoosted(matrix, labels, { objective, rounds, learningRate: 0.2, maxDepth: 5 })
  if (head.status === 'skipped') throw new Error(head.reason)
  return head.model
}

const describeHead = (head: string): BundleDescription => ({
  head,
  stage: 'stage_b',
  ablation: 'full',
  anchor: '4min',
  features: COLUMNS,
  encoder: { any: 'json' },
  dates: { train: ['2025-01-02'], validation: ['2025-01-03'], calibration: [], test: ['2025-01-06'] },
  metrics: { test: { auc: 0.5, mae: null } },
  timestamp: '2025-01-07T00:00:00.000Z',
  dataHash: 'ab',
  gitSha: null,
  libraryVersion: '0.0.0',
  schemaVersion: '2',
  calibrator: null,
  golden: { values: { a: 0.1, b: null, c: 'UP' }, raw: -0.30000000000000004 },
})

/** Random rows, and rows that sit on thresholds, beside them, at infinities, denormals, zeros and missing values. */
function adversarialRows(model: TreeModel): Float32Array {
  const random = xoroshiro128plus(11)
  const next = (): number => uniformFloat64(random)
  const bits = new Float32Array(1)
  const beside = new Int32Array(bits.buffer)
  const nudged = (x: number, by: number): number => {
    bits[0] = x
    beside[0] = (beside[0] ?? 0) + by
    return bits[0]
  }
  const specials = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-42, -1e-42, 3.4e38, -3.4e38]
  for (const threshold of model.threshold.slice(0, 300)) {
    if (Number.isFinite(threshold)) specials.push(threshold, nudged(threshold, 1), nudged(threshold, -1))
  }
  return Float32Array.from({ length: 1500 * COLUMNS.length }, () =>
    next() < 0.3 ? next() * 5 - 2.5 : (specials[Math.floor(next() * specials.length)] ?? 0),
  )
}

async function runOnnx(
  bytes: Uint8Array,
  rows: Float32Array,
): Promise<{ raw: Float32Array; prediction: Float32Array }> {
  const session = await InferenceSession.create(bytes)
  const features = new Tensor('float32', rows, [rows.length / COLUMNS.length, COLUMNS.length])
  const { raw, prediction } = await session.run({ features })
  return { raw: raw?.data as Float32Array, prediction: prediction?.data as Float32Array }
}

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0)

describe.each(['logistic', 'squared'] as const)('a %s bundle', (objective) => {
  test('is standard ONNX that ONNX Runtime runs to within 1e-6 of our predictor', async () => {
    const model = await trained(objective)
    const rows = adversarialRows(model)
    const bytes = encodeBundle({ model, description: describeHead('direction') })
    const onnx = await runOnnx(bytes, rows)
    const count = rows.length / COLUMNS.length
    const raw = predictRaw(model, { columns: COLUMNS, rows: count, values: rows, layout: 'rows' })
    const prediction = objective === 'logistic' ? raw.map((score) => sigmoid(score)) : raw
    expect(largestGap(raw, onnx.raw)).toBeLessThan(1e-6)
    expect(largestGap(prediction, onnx.prediction)).toBeLessThan(1e-6)
    expect(new Set(raw).size).toBeGreaterThan(100)
  })

  test('restores a model that is the same, array by array', async () => {
    const model = await trained(objective)
    const bundle: Bundle = { model, description: describeHead('direction') }
    const bytes = encodeBundle(bundle)
    expect(decodeBundle(bytes)).toEqual(bundle)
    expect(encodeBundle(bundle)).toEqual(bytes)
  })
})

test('a model without trees is a constant, in ONNX Runtime too', async () => {
  const full = await trained('squared', 1)
  const none = new Float32Array()
  const model: TreeModel = {
    ...full,
    baseScore: 0.75,
    treeStart: new Int32Array(1),
    feature: new Int32Array(),
    threshold: none,
    left: new Int32Array(),
    missingLeft: new Uint8Array(),
    value: none,
    gain: none,
    cover: none,
  }
  const bytes = encodeBundle({ model, description: describeHead('direction') })
  const row = Float32Array.of(1, Number.NaN, 2, 3)
  expect([...(await runOnnx(bytes, row)).prediction]).toEqual([0.75])
  expect(predictRow(decodeBundle(bytes).model, row)).toBe(0.75)
})

describe('files that are not bundles are refused', () => {
  test('truncated at any place', async () => {
    const bytes = encodeBundle({ model: await trained('logistic', 5), description: describeHead('direction') })
    for (let length = 0; length < bytes.length; length += 97) {
      expect(() => decodeBundle(bytes.subarray(0, length))).toThrow(/onnx|trees/)
    }
  })

  test('a newer version', async () => {
    const bytes = encodeBundle({ model: await trained('logistic', 2), description: describeHead('direction') })
    const text = Buffer.from(bytes).toString('latin1').replace('"version":1', '"version":9')
    expect(() => decodeBundle(Buffer.from(text, 'latin1'), 'x.onnx')).toThrow(
      'trees: x.onnx: version=9: is newer than 1, the newest known. Update @breakwater/trees.',
    )
  })
})

describe('a set of bundles on disk', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwater-trees-'))
    const bundles = [{ model: await trained('logistic', 3), description: describeHead('direction') }]
    const skipped = [{ head: 't2_60s', reason: 'all 80 training rows have label 0' }]
    const timestamp = '2025-01-07T00:00:00.000Z'
    await writeBundles(folder, { stage: 'stage_b', ablation: 'full', timestamp, bundles, skipped, details: { n: 1 } })
  })
  afterEach(() => rm(folder, { recursive: true }))
  const load = (heads?: readonly string[]): ReturnType<typeof loadBundles> =>
    loadBundles(folder, { stage: 'stage_b', ablation: 'full', ...(heads && { heads }) })

  test('loads what was written; a skipped head is listed with its reason and stops nothing', async () => {
    const { bundles, skipped, metadata } = await load()
    expect([...bundles.keys()]).toEqual(['direction'])
    expect(skipped).toEqual([{ head: 't2_60s', reason: 'all 80 training rows have label 0' }])
    expect(metadata.details).toEqual({ n: 1 })
    await expect(load(['t2_60s'])).rejects.toThrow('model bundle missing: it was skipped in training')
  })

  test('refuses a file that was changed, and names it', async () => {
    const path = join(folder, 'direction_stage_b_full.onnx')
    const bytes = await readFile(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await writeFile(path, bytes)
    await expect(load()).rejects.toThrow('direction_stage_b_full.onnx: its SHA-256 is not the one in the metadata')
  })

  test('refuses a file that was removed, and a set that is not there', async () => {
    await rm(join(folder, 'direction_stage_b_full.onnx'))
    await expect(load()).rejects.toThrow('model bundle missing')
    await expect(loadBundles(folder, { stage: 'stage_a', ablation: 'ta' })).rejects.toThrow(
      'model bundle missing. Run `breakwater train --stage stage_a --ablation ta` first.',
    )
  })
})
