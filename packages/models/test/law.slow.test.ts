import type { Matrix } from '@breakwater/features'
import {
  fitPathLaw,
  forecastPath,
  forecastRegression,
  headOutcomes,
  type PathLaw,
  type PathLawFit,
  type PathForecastOptions,
  probabilityHeads,
} from '@breakwater/models'
import { incoherence } from '@breakwater/passage'
import { trainHeadsParallel } from '@breakwater/trees/node'
import { describe, expect, test } from 'vitest'
import { inOrder, SPEC, type SimulatedMoments, simulateMoments } from './law-paths.ts'
import { uniforms } from './seeded.ts'

const ROWS = 6000
const masks = inOrder(ROWS, 3500, 1000)
const drifting = simulateMoments({ rows: ROWS, seed: 3, drift: (feature) => 0.5 * feature })

function fit({ table }: SimulatedMoments, features: Matrix): Promise<PathLawFit> {
  return fitPathLaw({ moments: table, features, train: masks.train, validation: masks.validation, spec: SPEC })
}

const fitted = fit(drifting, drifting.features)

/** Mean log loss over the reach heads, and of direction, on rows that nothing was fitted on. */
function losses(
  path: PathLaw,
  { table }: SimulatedMoments,
  features: Matrix,
  parts: PathForecastOptions = {},
): { readonly reach: number; readonly direction: number } {
  const { columns } = forecastPath(path, table, features, parts)
  const labels = headOutcomes(table, SPEC)
  const names = probabilityHeads(SPEC)
  const means = names.map((name, h) => {
    const p = columns.get(name) ?? new Float64Array(0)
    const known = masks.test.filter((row) => labels[row * names.length + h] !== -1)
    const sum = known.reduce((total, row) => {
      const q = labels[row * names.length + h] === 1 ? (p[row] as number) : 1 - (p[row] as number)
      return total - Math.log(Math.max(1e-7, q))
    }, 0)
    return sum / known.length
  })
  return { reach: means.slice(0, -2).reduce((sum, mean) => sum + mean, 0) / 24, direction: means.at(-1) ?? Number.NaN }
}

/** The same columns with rows in another order: what a row's feature says of its path is gone. */
function shuffled({ columns, rows, values }: Matrix): Matrix {
  const next = uniforms(11)
  const order = Array.from({ length: rows }, (_, row) => [next(), row] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, row]) => row)
  return {
    columns,
    rows,
    values: Float32Array.from(
      values,
      (_, i) => values[Math.floor(i / rows) * rows + (order[i % rows] as number)] as number,
    ),
  }
}

const without = (matrix: Matrix): Matrix => ({
  columns: matrix.columns.slice(1),
  rows: matrix.rows,
  values: matrix.values.slice(matrix.rows),
})

// Half a minute idle, together.
describe('the law of paths', { timeout: 600_000 }, () => {
  test('finds a planted drift by its column, and nothing beyond noise without it', async () => {
    const { features } = drifting
    const { path, tiltTrees } = await fitted
    expect(tiltTrees).toBeGreaterThan(5)
    const [law, tilted] = [losses(path, drifting, features, { tilt: false }), losses(path, drifting, features)]
    expect(law.direction - tilted.direction).toBeGreaterThan(0.05)
    expect(law.reach - tilted.reach).toBeGreaterThan(0.005)

    const blind = without(features)
    const other = await fit(drifting, blind)
    const gain =
      losses(other.path, drifting, blind, { tilt: false }).direction - losses(other.path, drifting, blind).direction
    expect(Math.abs(gain)).toBeLessThan(0.006)
  })

  test('gains nothing from features whose rows are shuffled', async () => {
    const features = shuffled(drifting.features)
    const { path } = await fit(drifting, features)
    const law = losses(path, drifting, features, { tilt: false })
    const tilted = losses(path, drifting, features)
    expect(law.direction - tilted.direction).toBeLessThan(0.006)
    expect(law.reach - tilted.reach).toBeLessThan(0.001)
  })

  test('forecasts the volatility that the paths had', async () => {
    const { path } = await fitted
    const log = forecastRegression(path.volatility, drifting.table, SPEC.window)
    const errors = masks.test.map((row) => (log[row] as number) - Math.log(drifting.sigma[row] as number))
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length)
    // The best that two readings with errors of 10% and 30% allow is 0.095; a path of few steps has a somewhat smaller range.
    expect(spread).toBeLessThan(0.105)
    expect(Math.abs(mean)).toBeLessThan(0.1)
  })

  test('is coherent whatever the trees say', async () => {
    const { path } = await fitted
    const wild: PathLaw = { ...path, tiltScale: path.tiltScale / 20 }
    const columns = [...forecastPath(wild, drifting.table, drifting.features).columns.values()]
    const worst = masks.test.map((row) =>
      incoherence(
        SPEC,
        Float64Array.from(columns, (column) => column[row] as number),
      ),
    )
    expect(Math.max(...worst)).toBeLessThanOrEqual(1e-9)
  })

  test('is the same on one thread and on two', async () => {
    const request = {
      moments: drifting.table,
      features: drifting.features,
      train: masks.train,
      validation: masks.validation,
      spec: SPEC,
    }
    const on = (threads: number): Promise<PathLawFit> =>
      fitPathLaw(request, {
        train: (matrix, heads, options) => trainHeadsParallel(matrix, heads, { ...options, threads }),
      })
    const [one, two] = [await on(1), await on(2)]
    expect(two).toEqual(one)
    expect(await fitted).toEqual(one)
  })

  test('has no surface where the price is not known', async () => {
    const { path } = await fitted
    const moved = Float64Array.from((drifting.table.columns['moved'] as { values: Float64Array }).values)
    moved[7] = Number.NaN
    const table = {
      ...drifting.table,
      columns: { ...drifting.table.columns, moved: { type: 'number' as const, values: moved } },
    }
    for (const column of forecastPath(path, table, drifting.features).columns.values()) {
      expect([Number.isNaN(column[7]), Number.isNaN(column[8])]).toEqual([true, false])
    }
  })

  test('refuses rows that it cannot be fitted on', async () => {
    const { table, features } = drifting
    const nobody = new Uint8Array(ROWS)
    await expect(
      fitPathLaw({ moments: table, features, train: masks.train, validation: nobody, spec: SPEC }),
    ).rejects.toThrow('models: validation: no row has a price and a label window. Pass more sessions, or other dates.')
    await expect(
      fitPathLaw({ moments: table, train: new Uint8Array(3), validation: nobody, spec: SPEC }),
    ).rejects.toThrow('models: train: has 3 rows: must have one a moment. There are 6000 moments.')
  })

  test('refuses features that it was not fitted with', async () => {
    const { path } = await fitted
    expect(() => forecastPath(path, drifting.table, without(drifting.features))).toThrow(
      'models: features: has 3 columns, not the 4 that the law was fitted with (planted at place 0).',
    )
  })
})
