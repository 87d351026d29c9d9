import { predictPatchTst, pretrainPatchTst, saveModel, trainPatchTst } from '@breakwater/patchtst'
import type { PatchTstModel } from '@breakwater/patchtst'
import { weightLayout } from '#src/network/layout'
import { expect, test } from 'vitest'
import { auc, planted, SMALL } from './planted.ts'

const APART = { ...SMALL, patchLength: 4, stride: 4 }
const OPTIONS = { model: APART, batchSize: 64, threads: 1 }

/** A model's encoder weights. */
function encoder({ config, weights }: PatchTstModel): Float32Array {
  return weights.slice(0, weightLayout(config).headOffset)
}

test('pre-training learns to tell hidden patches, and its encoder is taken over', async () => {
  const unlabelled = { ...planted({ samples: 500, seed: 1 }), labels: {} }
  const held = { ...planted({ samples: 150, seed: 2 }), labels: {} }
  const { model, history } = await pretrainPatchTst(unlabelled, held, { ...OPTIONS, epochs: 15, learningRate: 3e-3 })
  const losses = history.map(({ validationLoss }) => validationLoss ?? Number.NaN)
  // The mean of an instance is 0 and its variance 1: knowing nothing loses 1.
  expect(losses[0]).toBeGreaterThan(0.8)
  expect(Math.min(...losses)).toBeLessThan(0.85)
  const frozen = await trainPatchTst(planted({ samples: 100, seed: 3 }), undefined, {
    tasks: { direction: true },
    batchSize: 50,
    epochs: 1,
    headEpochs: 1,
    threads: 1,
    initial: model,
  })
  expect(encoder(frozen.model)).toEqual(encoder(model))
  expect(frozen.model.config.stride).toBe(4)
  await expect(saveModel('encoder.onnx', model)).rejects.toThrow('a pre-trained encoder has no heads yet')
})

test('fine-tuning after the heads alone moves the encoder and learns the pattern', async () => {
  const { model } = await pretrainPatchTst(planted({ samples: 300, seed: 4 }), undefined, { ...OPTIONS, epochs: 3 })
  const train = planted({ samples: 500, seed: 5 })
  const tuned = await trainPatchTst(train, planted({ samples: 150, seed: 6 }), {
    tasks: { direction: true },
    batchSize: 64,
    epochs: 15,
    headEpochs: 3,
    learningRate: 3e-3,
    threads: 1,
    initial: model,
  })
  expect(encoder(tuned.model)).not.toEqual(encoder(model))
  const later = planted({ samples: 200, seed: 7 })
  const { direction = [] } = await predictPatchTst(tuned.model, later)
  expect(auc(direction, later.labels.direction ?? [])).toBeGreaterThan(0.9)
})

test('pre-training is the same for any number of threads', async () => {
  const data = planted({ samples: 100, seed: 8 })
  const run = (threads: number) => pretrainPatchTst(data, data, { ...OPTIONS, epochs: 2, threads })
  const [one, two] = [await run(1), await run(2)]
  expect(two.model).toEqual(one.model)
  expect(two.history).toEqual(one.history)
})
