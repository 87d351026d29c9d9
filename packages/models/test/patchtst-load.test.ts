import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel, saveModel, trainPatchTst } from '@breakwater/patchtst'
import type { SequenceSet } from '@breakwater/patchtst'
import { afterAll, expect, test } from 'vitest'
import { loadTrainedModel } from '@breakwater/models/patchtst'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-load-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SET: SequenceSet = {
  source: 'waves',
  samples: 8,
  length: 16,
  channels: 1,
  channelNames: ['close'],
  x: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  mask: new Uint8Array(128).fill(1),
  statics: 0,
  staticNames: [],
  staticValues: new Float32Array(),
  labels: { direction: Int8Array.from({ length: 8 }, (_, i) => i % 2) },
}

/** A model of its own with the JSON of its training. */
async function train(name: string, seed: number): Promise<string> {
  const { model } = await trainPatchTst(SET, undefined, {
    tasks: { direction: true },
    model: { patchLength: 8, stride: 8, layers: 1, width: 4, heads: 1, feedForward: 4 },
    epochs: 1,
    batchSize: 4,
    seed,
    threads: 1,
  })
  const path = join(folder, `${name}.onnx`)
  const { onnx } = await saveModel(path, model)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ model: { file: `${name}.onnx`, sha256: onnx.sha256 } }))
  return path
}

test('a model is read by the hash that its training recorded, and one of another training is refused by name', async () => {
  const [first, second] = [await train('first', 1), await train('second', 2)]
  expect(readFileSync(first).equals(readFileSync(second))).toBe(false)
  expect((await loadTrainedModel(first, 'first.onnx')).onnx).toEqual((await loadModel(first)).onnx)
  copyFileSync(second, first)
  await expect(loadTrainedModel(first, 'first.onnx')).rejects.toThrow(
    'models: first.onnx: its SHA-256 is not the one in first.json: they are of two trainings, or the model was changed after it was written. Run `breakwater patchtst` again, or restore both files.',
  )
  rmSync(join(folder, 'first.json'))
  expect((await loadTrainedModel(first, 'first.onnx')).onnx).toEqual((await loadModel(second)).onnx)
  writeFileSync(join(folder, 'first.json'), '{"model":{}}')
  await expect(loadTrainedModel(first, 'first.onnx')).rejects.toThrow('first.json: model.file: ')
})
