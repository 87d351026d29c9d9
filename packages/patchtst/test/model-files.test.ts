import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeSafetensors } from '@breakwater/formats'
import { createPredictor, loadModel, predictPatchTst, saveModel, trainPatchTst } from '@breakwater/patchtst'
import type { PatchTstModel, SequenceSet } from '@breakwater/patchtst'
import { weightLayout } from '#src/network/layout'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planted, SMALL } from './planted.ts'

let folder = ''
let model: PatchTstModel
const DATA = planted({ samples: 150, seed: 1 })
const REACH = { curves: ['$1'], horizons: [60, 120] }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchtst-'))
  const options = { tasks: { direction: true, strength: true, reach: REACH }, model: SMALL, epochs: 2, batchSize: 50 }
  model = (await trainPatchTst(DATA, undefined, { ...options, threads: 1 })).model
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a saved model comes back as it was, and predicts the same bits', async () => {
  const path = join(folder, 'model.onnx')
  await saveModel(path, model, { trained: '2025-12-16' })
  const loaded = await loadModel(path)
  expect(loaded.model).toEqual(model)
  expect(loaded.details).toEqual({ trained: '2025-12-16' })
  expect(await predictPatchTst(loaded, DATA)).toEqual(await predictPatchTst(model, DATA))
})

test('the same model gives the same bytes, and no temporary file stays', async () => {
  const [one, two] = [
    await saveModel(join(folder, 'one.onnx'), model),
    await saveModel(join(folder, 'two.onnx'), model),
  ]
  expect(two.onnx.sha256).toBe(one.onnx.sha256)
  expect(two.weights.sha256).toBe(one.weights.sha256)
  expect(readdirSync(folder).filter((file) => file.startsWith('one'))).toEqual(['one.onnx', 'one.safetensors'])
})

test('the weights lie beside it as safetensors, by name', async () => {
  const { weights } = await saveModel(join(folder, 'named.onnx'), model)
  const { tensors, metadata } = decodeSafetensors(readFileSync(weights.path), (why) => new Error(why))
  for (const { name, shape, offset, size } of weightLayout(model.config).places) {
    expect(tensors.get(name)).toEqual({ dtype: 'F32', shape, data: model.weights.slice(offset, offset + size) })
  }
  expect(tensors.get('norm.statistics')?.data).toEqual(model.statistics)
  expect(JSON.parse(metadata['patchtst'] ?? '')).toEqual(model.config)
})

test('any ONNX runtime can use the file: inputs by name, any number of samples', async () => {
  const { onnx } = await saveModel(join(folder, 'plain.onnx'), model)
  const session = await InferenceSession.create(onnx.path)
  expect([...session.inputNames]).toEqual(['x', 'mask', 'statics'])
  expect([...session.outputNames]).toEqual(['break_probability', 'strength', 'reach_probability'])
  const { length, channels, statics } = DATA
  const answer = await session.run({
    x: new Tensor('float32', DATA.x.slice(0, 3 * length * channels), [3, length, channels]),
    mask: new Tensor('float32', Float32Array.from(DATA.mask.subarray(0, 3 * length)), [3, length]),
    statics: new Tensor('float32', DATA.staticValues.slice(0, 3 * statics), [3, statics]),
  })
  await session.release()
  const all = await predictPatchTst(model, DATA)
  expect(answer['reach_probability']?.dims).toEqual([3, 1, 2])
  for (const [name, ours] of [
    ['break_probability', all.direction],
    ['strength', all.strength],
    ['reach_probability', all.reach],
  ] as const) {
    const values = Array.from(answer[name]?.data as Float32Array)
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(ours?.[i] ?? Number.NaN, 5)
  }
})

test('how samples are batched and how many threads run does not change predictions by more than rounding', async () => {
  const wanted = await predictPatchTst(model, DATA)
  for (const options of [{ batchSize: 1 }, { batchSize: 7, threads: 2 }]) {
    const { direction } = await predictPatchTst(model, DATA, options)
    for (const [i, chance] of (direction ?? []).entries())
      expect(chance).toBeCloseTo(wanted.direction?.[i] ?? Number.NaN, 5)
  }
})

test('a file that is none is refused, and so is one that was cut', async () => {
  const path = join(folder, 'cut.onnx')
  const { onnx } = await saveModel(path, model)
  const bytes = readFileSync(onnx.path)
  for (const length of [0, 50, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length))
    await expect(loadModel(path)).rejects.toThrow('cut.onnx: is not a PatchTST model')
  }
  await expect(loadModel(join(folder, 'absent.onnx'))).rejects.toThrow('absent.onnx')
})

test('names that cannot be are refused', async () => {
  await expect(saveModel(join(folder, 'model.bin'), model)).rejects.toThrow(/path=.*model\.bin: must end with \.onnx/)
  await expect(saveModel(join(folder, 'm.onnx'), model, { patchtst: '' })).rejects.toThrow('details.patchtst')
})

test('data that the model was not made for are refused by name', async () => {
  const predictor = await createPredictor(model)
  const renamed: SequenceSet = { ...DATA, source: 'other.npz', channelNames: ['close', 'vwap'] }
  await expect(predictor.predict(renamed)).rejects.toThrow(
    'patchtst: other.npz: channels: number 1 is vwap, and the model or the training data have volume.',
  )
  await expect(predictor.predict(planted({ samples: 3, seed: 1, length: 30, source: 'long' }))).rejects.toThrow(
    'long: X: has 30 steps; the model reads 24.',
  )
  await predictor.close()
})
