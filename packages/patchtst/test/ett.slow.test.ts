import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { predictPatchTst, trainPatchTst } from '@breakwater/patchtst'
import { expect, test } from 'vitest'
import { forecastErrors, readEtt } from '../bench/ett-data.ts'

const file = fileURLToPath(new URL('../../../../shared/data/ett/ETTh1.csv', import.meta.url))

test.skipIf(!existsSync(file))('ETTh1 is cut and scaled as in the paper (needs the shared data)', () => {
  const { train, validation, test: last } = readEtt('ETTh1', file, 336, 96)
  expect([train.samples, validation.samples, last.samples]).toEqual([8209, 2785, 2785])
  expect([train.from, validation.from, last.from]).toEqual([0, 8304, 11_184])
  expect(train.channelNames).toEqual(['HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT'])
  const first = train.series.filter((_, i) => i % 7 === 6).subarray(0, 8640)
  const mean = first.reduce((sum, value) => sum + value, 0) / 8640
  expect(mean).toBeCloseTo(0, 4)
  expect(first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8640).toBeCloseTo(1, 4)
})

test.skipIf(!existsSync(file))(
  'a short training on ETTh1 already forecasts better than the last value and the last day (needs the shared data)',
  async () => {
    const { train, test: last } = readEtt('ETTh1', file, 336, 96)
    const recent = { ...train, from: train.samples - 1200, samples: 1200 }
    const scored = { ...last, samples: 600 }
    const { model } = await trainPatchTst(recent, undefined, {
      tasks: { forecast: 96 },
      model: { width: 16, layers: 1, feedForward: 64 },
      epochs: 4,
      learningRate: 2e-3,
      schedule: 'one-cycle',
      seed: 2021,
    })
    const { forecast = new Float32Array() } = await predictPatchTst(model, scored)
    const { mse } = forecastErrors(forecast, scored)
    const naive = (back: (step: number) => number): number =>
      forecastErrors(
        Float32Array.from({ length: forecast.length }, (_, i) => {
          const [sample, step, channel] = [Math.floor(i / (96 * 7)), Math.floor(i / 7) % 96, i % 7]
          return scored.series[(scored.from + sample + 336 - back(step)) * 7 + channel] ?? Number.NaN
        }),
        scored,
      ).mse
    expect(mse).toBeLessThan(naive(() => 1))
    expect(mse).toBeLessThan(naive((step) => 24 - (step % 24)))
  },
)
