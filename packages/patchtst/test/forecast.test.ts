import { predictPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { SeriesWindows } from '@breakwater/patchtst'
import { expect, test } from 'vitest'
import { uniforms } from './planted.ts'

const ROWS = 1400
const LENGTH = 48
const HORIZON = 8

/** Two seasons with levels that wander slowly, and noise of deviation 0.1. */
function seasonal(): Float32Array {
  const next = uniforms(5)
  const series = new Float32Array(ROWS * 2)
  let level = 0
  for (let row = 0; row < ROWS; row++) {
    level += 0.02 * (next() - 0.5)
    const noise = (): number => 0.35 * (next() - 0.5)
    series.set([level + Math.sin(row / 3) + noise(), 5 - level + 2 * Math.cos(row / 5) + noise()], row * 2)
  }
  return series
}

const series = seasonal()
const part = (source: string, from: number, to: number): SeriesWindows => ({
  source,
  samples: to - from - LENGTH - HORIZON + 1,
  length: LENGTH,
  channels: 2,
  channelNames: ['a', 'b'],
  series,
  from,
  horizon: HORIZON,
})

test('a season is forecast, in the units of the series and in time order', async () => {
  const [train, validation, later] = [part('train', 0, 900), part('validation', 852, 1150), part('test', 1102, ROWS)]
  const { model } = await trainPatchTst(train, validation, {
    tasks: { forecast: HORIZON },
    model: { patchLength: 8, stride: 4, layers: 2, width: 16, heads: 2, feedForward: 32, dropout: 0 },
    epochs: 6,
    batchSize: 64,
    learningRate: 5e-3,
    threads: 2,
  })
  const { forecast = new Float32Array() } = await predictPatchTst(model, later)
  let [ours, last, count] = [0, 0, 0]
  for (let sample = 0; sample < later.samples; sample++) {
    const start = (later.from + sample + LENGTH) * 2
    for (let i = 0; i < HORIZON * 2; i++) {
      const truth = series[start + i] ?? Number.NaN
      ours += (truth - (forecast[sample * HORIZON * 2 + i] ?? Number.NaN)) ** 2
      last += (truth - (series[start - 2 + (i % 2)] ?? 0)) ** 2
      count++
    }
  }
  // The noise alone is 0.35^2 / 12 = 0.0102; repeating the last value is far off.
  expect(last / count).toBeGreaterThan(1)
  expect(ours / count).toBeLessThan(0.025)
})

test('futures given as labels of a set are learnt like those of a series', async () => {
  const windows = part('windows', 0, 300)
  const { samples } = windows
  const slices = Array.from({ length: samples }, (_, i) => series.subarray(i * 2, (i + LENGTH + HORIZON) * 2))
  const set = {
    source: 'set',
    samples,
    length: LENGTH,
    channels: 2,
    channelNames: ['a', 'b'],
    x: Float32Array.from(slices.flatMap((slice) => [...slice.subarray(0, LENGTH * 2)])),
    mask: new Uint8Array(samples * LENGTH).fill(1),
    statics: 0,
    staticNames: [],
    staticValues: new Float32Array(),
    labels: { future: Float32Array.from(slices.flatMap((slice) => [...slice.subarray(LENGTH * 2)])) },
  }
  const options = {
    tasks: { forecast: HORIZON },
    model: { patchLength: 8, stride: 4, layers: 1, width: 8, heads: 2, feedForward: 16 },
    epochs: 1,
    batchSize: 64,
    threads: 1,
  }
  const [fromSeries, fromSet] = [await trainPatchTst(windows, windows, options), await trainPatchTst(set, set, options)]
  expect(fromSet.model).toEqual(fromSeries.model)
  expect(fromSet.history).toEqual(fromSeries.history)
})
