import { decodeBundle, encodeBundle, predict, predictRaw } from '@breakwater/trees'
import type { BundleDescription, TreeModel } from '@breakwater/trees'
import * as fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { largestError } from './fixtures.ts'
import { modelShape, OBJECTIVES, randomModel, testingRows } from './random-model.ts'
import type { ModelShape } from './random-model.ts'

const description: BundleDescription = {
  head: 'direction',
  stage: 'stage_b',
  ablation: 'full',
  anchor: '4min',
  features: [],
  encoder: null,
  dates: { train: [], validation: [], calibration: [], test: [] },
  metrics: null,
  timestamp: '2025-01-07T00:00:00.000Z',
  dataHash: 'ab',
  gitSha: null,
  libraryVersion: '0.0.0',
  schemaVersion: '2',
  calibrator: null,
}

/** Largest error of ONNX Runtime's raw scores and predictions against ours, on rows that are as hard as can be. */
async function runtimeErrors(model: TreeModel, shape: ModelShape, rows = 40): Promise<{ raw: number; link: number }> {
  const matrix = testingRows(model, shape, rows)
  const session = await InferenceSession.create(encodeBundle({ model, description }))
  const features = new Tensor('float32', matrix.values, [rows, model.columns.length])
  const { raw, prediction } = await session.run({ features })
  await session.release()
  return {
    raw: largestError(raw?.data as Float32Array, predictRaw(model, matrix)),
    link: largestError(prediction?.data as Float32Array, predict(model, matrix)),
  }
}

const shapeOf = (part: Partial<ModelShape>): ModelShape => ({
  seed: 1,
  objective: 'logistic',
  columns: 4,
  trees: 3,
  branches: 12,
  categoryColumns: 2,
  categories: 40,
  deep: false,
  baseScore: 0.25,
  ...part,
})

describe('a model as ONNX', () => {
  it('predicts the same in ONNX Runtime, whatever the model: 200 random ones on rows on and beside their thresholds', async () => {
    await fc.assert(
      fc.asyncProperty(modelShape, async (shape) => {
        const { raw, link } = await runtimeErrors(randomModel(shape), shape)
        expect(raw).toBeLessThan(1e-6)
        // Errors of a raw score grow by its exponential; a probability's shrink.
        expect(link).toBeLessThan(shape.objective === 'poisson' ? 1e-5 : 1e-6)
      }),
      { numRuns: 200 },
    )
  })

  it('is read back as the same arrays', () => {
    fc.assert(
      fc.property(modelShape, (shape) => {
        const model = randomModel(shape)
        expect(decodeBundle(encodeBundle({ model, description }))).toEqual({ model, description })
      }),
    )
  })

  it.each(OBJECTIVES)('of objective %s has the link of the objective', async (objective) => {
    const shape = shapeOf({ objective, trees: 6, branches: 20 })
    const { raw, link } = await runtimeErrors(randomModel(shape), shape, 400)
    expect(Math.max(raw, link)).toBeLessThan(1e-6)
  })

  it.each<[string, Partial<ModelShape>]>([
    ['no trees', { trees: 0 }],
    ['single leaves', { trees: 5, branches: 0 }],
    ['a chain of 1,000 branches', { trees: 1, branches: 1000, deep: true, categoryColumns: 0 }],
    ['a chain of 100 questions on categories', { trees: 1, branches: 100, deep: true, categoryColumns: 4 }],
    ['10,000 branches a tree', { trees: 5, branches: 10_000, categoryColumns: 1, categories: 9 }],
    ['sets of up to 2,000 categories', { trees: 4, branches: 12, categoryColumns: 4, categories: 2000 }],
  ])('with %s predicts the same in ONNX Runtime and is read back', async (_, part) => {
    const shape = shapeOf(part)
    const model = randomModel(shape)
    const { raw, link } = await runtimeErrors(model, shape, 300)
    expect(Math.max(raw, link)).toBeLessThan(1e-6)
    expect(decodeBundle(encodeBundle({ model, description })).model).toEqual(model)
  })
})
