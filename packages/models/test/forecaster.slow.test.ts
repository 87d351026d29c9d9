import { type Matrix, MOMENT_NUMBERS, makeEncoder, numbersOf, type RowValues, type Table } from '@breakwater/features'
import {
  fitPathLaw,
  forecastPath,
  type LawFeatures,
  type LawForecaster,
  lawForecaster,
  type MomentNumbers,
} from '@breakwater/models'
import { createSurface, incoherence } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { inOrder, SPEC, simulateMoments } from './law-paths.ts'

const ROWS = 3000
const { table, features } = simulateMoments({ rows: ROWS, seed: 5, drift: (feature) => 0.6 * feature })
const {
  path: fitted,
  correctionTrees,
  tiltTrees,
} = await fitPathLaw({
  moments: table,
  features,
  ...inOrder(ROWS, 2000, 500),
  spec: SPEC,
})
const path = { ...fitted, calibration: { volatility: 0.1, drift: -0.2, power: 0.8 } }
/** The planted column is known at the moment, four minutes after the touch; the last column never is. */
const known: LawFeatures = {
  encoder: makeEncoder(features.columns.map((name) => ({ name, kind: 'number' }))),
  knownAfterS: [240, 0, 60, Infinity],
}

const numbersAt = (moments: Table, row: number): MomentNumbers => ({
  numbers: MOMENT_NUMBERS.map((name) => numbersOf(moments, name)[row] ?? Number.NaN),
  price: numbersOf(moments, 'level_price')[row] ?? Number.NaN,
})
const rowAt = ({ columns, rows, values }: Matrix, row: number): RowValues =>
  Object.fromEntries(columns.map((name, c) => [name, values[c * rows + row]]))
/** The matrix with NaN in some of its columns. */
const without = ({ columns, rows, values }: Matrix, hidden: readonly number[]): Matrix => ({
  columns,
  rows,
  values: values.map((value, i) => (hidden.includes(Math.floor(i / rows)) ? Number.NaN : value)),
})
const surfaces = (inputs: Matrix): Float64Array[] => [...forecastPath(path, table, inputs).columns.values()]
const asked = (law: LawForecaster, row: number): number[] => [
  ...(law.surfaceAt(numbersAt(table, row), rowAt(features, row)) ?? []),
]

describe('a law that is asked about one moment', () => {
  const law = lawForecaster({ path, features: known })

  test('answers as the batch does, to the bit, without the features that are not known yet', () => {
    expect([correctionTrees, tiltTrees].every((trees) => trees > 0)).toBe(true)
    const columns = surfaces(without(features, [3]))
    expect(law.names).toEqual([...forecastPath(path, table, features).columns.keys()])
    for (let row = 0; row < ROWS; row += 7) expect(asked(law, row)).toEqual(columns.map((column) => column[row]))
    const blind = lawForecaster({ path, features: { ...known, knownAfterS: [241, 0, 60, Infinity] } })
    const other = surfaces(without(features, [0, 3]))
    for (let row = 0; row < ROWS; row += 7) expect(asked(blind, row)).toEqual(other.map((column) => column[row]))
    expect(asked(blind, 0)).not.toEqual(asked(law, 0))
  })

  test('knows no feature before a touch, and has no surface without a price', () => {
    const columns = surfaces(without(features, [0, 1, 2, 3]))
    expect([...(law.surfaceAt(numbersAt(table, 3), null) ?? [])]).toEqual(columns.map((column) => column[3]))
    const { numbers, price } = numbersAt(table, 3)
    const moved = MOMENT_NUMBERS.indexOf('moved')
    const nowhere = Array.from(numbers, (value, i) => (i === moved ? Number.NaN : value))
    expect(law.surfaceAt({ numbers: nowhere, price }, null)).toBeNull()
  })

  test('answers other thresholds and horizons by its volatility and tilt, coherently', () => {
    const spec = { thresholds: [0.1, 0.25, 0.9], horizons: [30, 90], window: 240 }
    const surface = createSurface(law.law, spec)
    const values = [0, 10, 20].map((row) => {
      const tilted = law.tiltedAt(numbersAt(table, row), rowAt(features, row))
      if (tilted === null) throw new Error('the price is known')
      return surface.at(tilted.moment, { tilt: tilted.tilt })
    })
    expect(Math.max(...values.map((one) => incoherence(spec, one)))).toBeLessThanOrEqual(1e-9)
  })

  test('refuses numbers that are not those of a moment, and a row without a column', () => {
    expect(() => law.surfaceAt({ numbers: [1, 2], price: 500 }, null)).toThrow(
      `models: moment.numbers.length=2: must be ${MOMENT_NUMBERS.length}, those of MOMENT_NUMBERS. Take writeMoment.`,
    )
    expect(law.columns).toEqual(features.columns)
    expect(() => law.surfaceAt(numbersAt(table, 0), { planted: 1 })).toThrow('noise_1 is missing')
  })
})
