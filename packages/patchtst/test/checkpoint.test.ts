import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pretrainPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { TrainOptions } from '@breakwater/patchtst'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planted, SMALL } from './planted.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchtst-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const [TRAIN, VALIDATION] = [planted({ samples: 130, seed: 1 }), planted({ samples: 50, seed: 2 })]
const OPTIONS: TrainOptions = {
  tasks: { direction: true, strength: true },
  model: SMALL,
  epochs: 4,
  batchSize: 40,
  threads: 1,
}

/** Trains until `epochs` are done, then is stopped as if the process had ended. */
async function interrupted(checkpoint: string, epochs: number, options: TrainOptions): Promise<void> {
  const stop = new AbortController()
  const training = trainPatchTst(TRAIN, VALIDATION, {
    ...options,
    checkpoint,
    signal: stop.signal,
    onStep: ({ epoch }) => {
      if (epoch > epochs) stop.abort(new Error('stopped'))
    },
  })
  await expect(training).rejects.toThrow('stopped')
}

test('a training that goes on from a checkpoint gives the bits of a straight one', async () => {
  const straight = await trainPatchTst(TRAIN, VALIDATION, OPTIONS)
  const checkpoint = join(folder, 'train.safetensors')
  await interrupted(checkpoint, 2, OPTIONS)
  const resumed = await trainPatchTst(TRAIN, VALIDATION, { ...OPTIONS, threads: 2, checkpoint })
  expect(resumed.model).toEqual(straight.model)
  expect(resumed.history).toEqual(straight.history)
  expect(resumed.bestEpoch).toBe(straight.bestEpoch)
})

test('a finished training is not run again', async () => {
  const checkpoint = join(folder, 'finished.safetensors')
  const first = await trainPatchTst(TRAIN, undefined, { ...OPTIONS, epochs: 1, checkpoint })
  let steps = 0
  const again = await trainPatchTst(TRAIN, undefined, { ...OPTIONS, epochs: 1, checkpoint, onStep: () => steps++ })
  expect(steps).toBe(0)
  expect(again.model).toEqual(first.model)
})

test('a checkpoint of other settings, other data or another kind is refused', async () => {
  const checkpoint = join(folder, 'other.safetensors')
  const options = { ...OPTIONS, epochs: 1, checkpoint }
  await trainPatchTst(TRAIN, undefined, options)
  const foreign = /other\.safetensors: this checkpoint is of other data or settings/
  await expect(trainPatchTst(TRAIN, undefined, { ...options, seed: 8 })).rejects.toThrow(foreign)
  await expect(trainPatchTst(TRAIN, VALIDATION, options)).rejects.toThrow(foreign)
  const changed = { ...TRAIN, x: TRAIN.x.map((value, i) => (i === 1000 ? value + 1 : value)) }
  await expect(trainPatchTst(changed, undefined, options)).rejects.toThrow(foreign)
  await expect(pretrainPatchTst(TRAIN, undefined, { model: SMALL, batchSize: 40, checkpoint })).rejects.toThrow(foreign)
})

test('a checkpoint that was cut off or is something else is refused', async () => {
  const checkpoint = join(folder, 'cut.safetensors')
  const options = { ...OPTIONS, epochs: 1, checkpoint }
  await trainPatchTst(TRAIN, undefined, options)
  const bytes = readFileSync(checkpoint)
  for (const length of [0, 7, 100, bytes.length - 1]) {
    writeFileSync(checkpoint, bytes.subarray(0, length))
    await expect(trainPatchTst(TRAIN, undefined, options)).rejects.toThrow(
      'cut.safetensors: is not a whole checkpoint: ',
    )
  }
})
