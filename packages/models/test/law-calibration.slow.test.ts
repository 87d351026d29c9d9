import { type Column, numbersOf, type Table } from '@breakwater/features'
import {
  calibrateLaw,
  fitPathLaw,
  forecastPath,
  headOutcomes,
  type PathLaw,
  probabilityHeads,
} from '@breakwater/models'
import { incoherence, NO_CALIBRATION } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { inOrder, SPEC, simulateMoments } from './law-paths.ts'

const PER_SESSION = 30
const ROWS = 24 * PER_SESSION
const HEADS = probabilityHeads(SPEC)

const trained = simulateMoments({ rows: 1800, seed: 11 }).table
const { path } = await fitPathLaw({ moments: trained, ...inOrder(1800, 1400, 400), spec: SPEC })

/** Moments whose past ranges understate the volatility ahead by a factor: the forecast is off by as much. */
function off(factor: number, seed: number): Table {
  const { table } = simulateMoments({ rows: ROWS, seed })
  const scaled = (name: string): Column => ({
    type: 'number',
    values: numbersOf(table, name).map((value) => value / factor),
  })
  const columns = { ...table.columns, sigma_1m: scaled('sigma_1m'), range_sigma_15: scaled('range_sigma_15') }
  return { ...table, columns }
}

const calibrate = (moments: Table): ReturnType<typeof calibrateLaw> =>
  calibrateLaw({
    path,
    moments,
    sessions: Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / PER_SESSION)),
    rows: new Uint8Array(ROWS).fill(1),
  })

/** Mean over heads of their mean log loss. */
function lossOf(law: PathLaw, moments: Table): number {
  const labels = headOutcomes(moments, SPEC)
  const { columns } = forecastPath(law, moments)
  const means = HEADS.map((name, h) => {
    let [sum, count] = [0, 0]
    for (let row = 0; row < ROWS; row++) {
      const label = labels[row * HEADS.length + h]
      if (label === -1) continue
      const p = Math.min(1 - 1e-6, Math.max(1e-6, columns.get(name)?.[row] ?? Number.NaN))
      sum -= Math.log(label === 1 ? p : 1 - p)
      count++
    }
    return sum / count
  })
  return means.reduce((a, b) => a + b, 0) / means.length
}

describe('the calibration of a law', () => {
  test(
    'makes good a forecast of volatility that is 15% too low in sessions after training',
    { timeout: 600_000 },
    () => {
      const { calibration, reason, rows, sessions } = calibrate(off(1.15, 12))
      expect([rows, sessions]).toEqual([ROWS, 24])
      expect(reason).toMatch(/: calibrated$/)
      expect(calibration.volatility).toBeGreaterThan(0.07)
      expect(calibration.volatility).toBeLessThan(0.21)
      const later = off(1.15, 13)
      const calibrated = { ...path, calibration }
      expect(lossOf(calibrated, later)).toBeLessThan(lossOf(path, later) - 0.001)
      const { columns } = forecastPath(calibrated, later)
      const surfaces = [...columns.values()]
      for (let row = 0; row < ROWS; row += 10) {
        expect(
          incoherence(
            SPEC,
            surfaces.map((column) => column[row] as number),
          ),
        ).toBeLessThanOrEqual(1e-9)
      }
      expect(forecastPath(calibrated, later, undefined, { calibration: false })).toEqual(forecastPath(path, later))
    },
  )

  test('leaves a forecast alone that is as good as in training', { timeout: 600_000 }, () => {
    const { calibration, reason } = calibrate(off(1, 14))
    expect(calibration).toEqual(NO_CALIBRATION)
    expect(reason).toMatch(/^calibrations of earlier sessions saved -?0\.\d{5} .*: kept as it is$/)
  })
})
