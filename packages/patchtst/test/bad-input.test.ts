import { predictPatchTst, pretrainPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { SequenceSet, SeriesWindows, TrainOptions } from '@breakwater/patchtst'
import { listSupportedBackends } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { planted, SMALL } from './planted.ts'

const DATA = planted({ samples: 60, seed: 1, source: 'train.npz' })
const OPTIONS: TrainOptions = { tasks: { direction: true }, model: SMALL, epochs: 1, batchSize: 30, threads: 1 }

const series = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i))
const WINDOWS: SeriesWindows = {
  source: 'series.csv',
  samples: 50,
  length: 24,
  channels: 2,
  channelNames: ['a', 'b'],
  series,
  from: 0,
  horizon: 4,
}

const DATA_CASES: readonly [string, Partial<SequenceSet>, string][] = [
  [
    'a NaN where observed',
    { x: DATA.x.with(47, Number.NaN), mask: DATA.mask.with(23, 1) },
    'train.npz: X: sample 0, step 23, channel volume is NaN where the mask says observed. Mask it, or fix the data.',
  ],
  [
    'an infinity where observed',
    { x: DATA.x.with(46, Infinity) },
    'train.npz: X: sample 0, step 23, channel close is Infinity',
  ],
  [
    'an empty mask',
    { mask: DATA.mask.map((value, i) => (i < 24 ? 0 : value)) },
    'train.npz: mask: sample 0 is all padding. Leave such samples out.',
  ],
  [
    'a mask of other numbers',
    { mask: DATA.mask.with(30, 2) },
    'train.npz: mask: sample 1 has values other than 0 and 1.',
  ],
  [
    'a static that is not finite',
    { staticValues: DATA.staticValues.with(5, Number.NaN) },
    'train.npz: static: sample 2 has NaN for minute; all must be finite.',
  ],
  ['sizes that disagree', { x: DATA.x.slice(1) }, 'train.npz: X: 2879 elements; 60 samples of 24 x 2 need 2880.'],
  ['no samples', { samples: 0 }, 'train.npz: X: has no samples.'],
  [
    'breaks alone',
    { labels: { direction: new Int8Array(60).fill(1) } },
    'train.npz: direction: holds only breaks: one class teaches nothing. Pass more data.',
  ],
  ['bounces alone', { labels: { direction: new Int8Array(60) } }, 'train.npz: direction: holds only bounces'],
  [
    'unknown directions alone',
    { labels: { direction: new Int8Array(60).fill(-1) } },
    'train.npz: direction: has no label.',
  ],
  ['no directions', { labels: {} }, 'train.npz: direction: is missing, and tasks ask for it.'],
]

test.each(DATA_CASES)('%s: the error names the file and the array', async (_, change, message) => {
  await expect(trainPatchTst({ ...DATA, ...change }, undefined, OPTIONS)).rejects.toThrow(message)
})

const OPTION_CASES: readonly [Partial<TrainOptions>, string][] = [
  [
    { batchSize: 61 },
    'patchtst: batchSize=61: train.npz has 60 samples, fewer than a batch. Pass more data or a smaller batch.',
  ],
  [{ batchSize: 0 }, 'patchtst: batchSize=0: must be an integer of at least 1.'],
  [{ epochs: 1.5 }, 'patchtst: epochs=1.5: must be an integer of at least 1.'],
  [{ learningRate: 0 }, 'patchtst: learningRate=0: must lie in (0, Infinity).'],
  [{ warmup: 1 }, 'patchtst: warmup=1: must lie in [0, 1).'],
  [{ lossWeights: { direction: -1 } }, 'patchtst: lossWeights.direction=-1: must lie in [0, Infinity).'],
  [{ seed: 0.5 }, 'patchtst: seed=0.5: must be an integer.'],
  [{ threads: 0 }, 'patchtst: threads=0: must be an integer of at least 1.'],
  [{ tasks: {} }, 'patchtst: tasks: names no head.'],
  [{ tasks: { reconstruct: true } }, 'patchtst: tasks.reconstruct: is for pre-training.'],
  [
    { tasks: { reach: { curves: ['$1'], horizons: [60, 60] } } },
    'patchtst: tasks.reach: curves=[$1], horizons=[60,60]',
  ],
  [
    { model: { patchLength: 30 } },
    'patchtst: train.npz: sequences have 24 steps, a patch 30: they are shorter than a patch.',
  ],
  [{ model: { width: 10, heads: 4 } }, 'patchtst: heads=4: must divide the width, 10.'],
  [{ model: { dropout: 1 } }, 'patchtst: dropout=1: must lie in [0, 1).'],
  [{ model: { patchLength: 4, stride: 5 } }, 'patchtst: stride=5: is more than patchLength=4'],
  [{ model: { layers: 0 } }, 'patchtst: layers=0: must be an integer of at least 1.'],
]

test.each(OPTION_CASES)('the options %j are refused', async (change, message) => {
  await expect(trainPatchTst(DATA, undefined, { ...OPTIONS, ...change })).rejects.toThrow(message)
})

test('names that are no options are refused with the list', async () => {
  const schedule = 'linear' as unknown as 'cosine'
  await expect(trainPatchTst(DATA, undefined, { ...OPTIONS, schedule })).rejects.toThrow(
    'patchtst: schedule=linear: must be one of constant, cosine, one-cycle.',
  )
  const device = 'tpu' as unknown as 'cpu'
  await expect(trainPatchTst(DATA, undefined, { ...OPTIONS, device })).rejects.toThrow(
    'patchtst: device=tpu: must be one of cpu, cuda, webgpu, auto.',
  )
})

test('validation data of other channels, lengths or statics are refused by file', async () => {
  const other = planted({ samples: 20, seed: 2, source: 'val.npz' })
  const run = (change: Partial<SequenceSet>) => trainPatchTst(DATA, { ...other, ...change }, OPTIONS)
  await expect(run({ channelNames: ['close', 'vwap'] })).rejects.toThrow(
    'val.npz: channels: number 1 is vwap, and the model or the training data have volume. Make both with the same channels.',
  )
  await expect(run({ staticNames: ['minute', 'distance'] })).rejects.toThrow('val.npz: statics: number 0 is minute')
  await expect(run({ labels: {} })).rejects.toThrow('val.npz: direction: is missing')
  const longer = planted({ samples: 20, seed: 2, length: 30, source: 'val.npz' })
  await expect(trainPatchTst(DATA, longer, OPTIONS)).rejects.toThrow('val.npz: X: has 30 steps; the model reads 24.')
})

test('windows of a series must fit it, be finite and have the horizon that is asked for', async () => {
  const options: TrainOptions = { ...OPTIONS, tasks: { forecast: 4 } }
  const run = (change: Partial<SeriesWindows>, more: Partial<TrainOptions> = {}) =>
    trainPatchTst({ ...WINDOWS, ...change }, undefined, { ...options, ...more })
  await expect(run({ samples: 200 })).rejects.toThrow(
    'series.csv: series: 300 numbers; 200 windows need 454. Ask for fewer windows.',
  )
  await expect(run({ series: series.with(7, Number.NaN) })).rejects.toThrow('series.csv: series: row 3 holds NaN')
  await expect(run({}, { tasks: { forecast: 5 } })).rejects.toThrow('series.csv: horizon: is 4; tasks.forecast is 5.')
  await expect(run({}, { tasks: { direction: true } })).rejects.toThrow(
    'series.csv: labels: windows of a series have only their future',
  )
})

test('a device that this ONNX Runtime lacks, or cannot start, is an error; auto takes what there is', async () => {
  const offered = new Set(listSupportedBackends().map(({ name }) => name))
  for (const device of ['cuda', 'webgpu'] as const) {
    const training = trainPatchTst(DATA, undefined, { ...OPTIONS, device }).then(
      ({ device: used }) => used,
      (error: unknown) => String(error),
    )
    const message = offered.has(device) ? 'ONNX Runtime offers it but could not start it' : 'this ONNX Runtime offers'
    // Where a machine has the device, it is used.
    expect(await training).toMatch(new RegExp(`^${device}$|device=${device}: ${message}`))
  }
  const { device } = await trainPatchTst(DATA, undefined, { ...OPTIONS, device: 'auto' })
  expect(['cpu', 'cuda']).toContain(device)
})

test('a mask ratio out of range is refused, and so are weights of another network', async () => {
  await expect(pretrainPatchTst(DATA, undefined, { ...OPTIONS, maskRatio: 1 })).rejects.toThrow(
    'patchtst: maskRatio=1: must lie in (0, 1).',
  )
  const { model } = await trainPatchTst(DATA, undefined, OPTIONS)
  await expect(
    trainPatchTst(DATA, undefined, { ...OPTIONS, model: { ...SMALL, width: 32 }, initial: model }),
  ).rejects.toThrow('patchtst: initial: embedding.weight is 6 x 16 there, and 6 x 32 here.')
  await expect(predictPatchTst(model, DATA, { batchSize: 0 })).rejects.toThrow('patchtst: batchSize=0')
})

test('a rate that blows up ends with an error that says so', async () => {
  const training = trainPatchTst(DATA, undefined, {
    ...OPTIONS,
    model: { ...SMALL, norm: 'layer' },
    learningRate: 1e30,
    clipNorm: 0,
    epochs: 5,
  })
  await expect(training).rejects.toThrow(/the loss of step \d+ is NaN: training has diverged/)
})
