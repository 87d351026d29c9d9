import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyCalibrator, fitTemperature, logLoss } from '@breakwater/calibration'
import { anyForecasts } from './forecasts.ts'

const lossAt = (temperature: number, p: readonly number[], y: readonly number[]): number =>
  logLoss(applyCalibrator({ kind: 'temperature', temperature }, p), y)

test('no temperature of the range loses less than the fitted one', () => {
  fc.assert(
    fc.property(anyForecasts, ({ p, y }) => {
      const { calibrator } = fitTemperature(p, y)
      fc.pre(calibrator !== null)
      const least = lossAt(calibrator?.temperature ?? Number.NaN, p, y)
      for (let i = -40; i <= 40; i++) expect(least).toBeLessThan(lossAt(10 ** (i / 20), p, y) + 1e-9)
    }),
  )
})

test.each([
  ['every forecast is on the right side', [0.2, 0.8, 0.5], [0, 1, 1], 0.01],
  ['forecasts are 0 and 1, and right', [0, 1, 0.5], [0, 1, 1], 0.01],
  ['every forecast is on the wrong side', [0, 1, 0.5], [1, 0, 1], 100],
])('the temperature is an end of its range where %s', (_, p, y, end) => {
  expect(fitTemperature(p, y).calibrator?.temperature).toBe(end)
})
