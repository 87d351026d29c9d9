import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyCalibrator,
  calibratorFromJson,
  conformalFromJson,
  fitCalibrator,
  FITTED_KINDS,
} from '@breakwater/calibration'
import { anyForecasts } from './forecasts.ts'

describe('calibratorFromJson', () => {
  test('reads back what JSON.stringify wrote, to the same bits', () => {
    fc.assert(
      fc.property(anyForecasts, fc.constantFrom(...FITTED_KINDS), ({ p, y }, kind) => {
        const { calibrator } = fitCalibrator(kind, p, y)
        fc.pre(calibrator !== null)
        const read = calibratorFromJson(JSON.parse(JSON.stringify(calibrator)))
        expect(read).toStrictEqual(calibrator)
        expect(applyCalibrator(read, p)).toStrictEqual(applyCalibrator(calibrator, p))
      }),
    )
    expect(calibratorFromJson({ kind: 'identity' })).toStrictEqual({ kind: 'identity' })
  })

  test.each([
    [{ kind: 'spline' }, 'head.kind'],
    [null, 'head: '],
    [{ kind: 'platt', slope: -1, intercept: 0 }, 'head.slope'],
    [{ kind: 'platt', slope: 1 }, 'head.intercept'],
    [{ kind: 'platt', slope: 1, intercept: 0, run: 'code' }, 'run'],
    [{ kind: 'temperature', temperature: 0 }, 'head.temperature'],
    [{ kind: 'isotonic', x: [0.1, 0.1], y: [0, 1] }, 'x does not rise'],
    [{ kind: 'isotonic', x: [0.1, 0.2], y: [1, 0] }, 'y falls'],
    [{ kind: 'isotonic', x: [0.1, 0.2], y: [1] }, 'x and y differ in length'],
    [{ kind: 'isotonic', x: [], y: [] }, 'head.x'],
    [{ kind: 'centred-isotonic', x: [0.1], y: [1.1] }, 'head.y.0'],
    [{ kind: 'venn-abers', low: { x: [0.1], y: [0] } }, 'head.high'],
  ])('refuses %j, naming the field', (value, message) => {
    expect(() => calibratorFromJson(value, 'head')).toThrow(message)
    expect(() => calibratorFromJson(value, 'head')).toThrow(/^calibration: head/)
  })
})

describe('conformalFromJson', () => {
  test('reads what JSON.stringify wrote, and refuses a damaged one by name', () => {
    const interval = { kind: 'conformal', level: 0.9, radius: 1.25 }
    expect(conformalFromJson(JSON.parse(JSON.stringify(interval)))).toStrictEqual(interval)
    expect(() => conformalFromJson({ ...interval, radius: -1 }, 'strength_signed')).toThrow(
      /^calibration: strength_signed\.radius: /,
    )
    expect(() => conformalFromJson({ ...interval, level: 1 })).toThrow('calibration: calibrator.level')
    expect(() => conformalFromJson({ kind: 'platt', slope: 1, intercept: 0 })).toThrow('calibration: calibrator')
  })
})
