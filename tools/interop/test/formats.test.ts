import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPython, scratchFolder } from '@breakwater/interop'
import {
  fromLightgbm,
  fromXgboost,
  linkOf,
  predict,
  predictRaw,
  toXgboostJson,
  toXgboostUbj,
  trainBoosted,
  treeCount,
} from '@breakwater/trees'
import type { Matrix, Objective, TreeModel } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const OBJECTIVES = ['logistic', 'squared', 'absolute', 'huber', 'quantile', 'poisson'] as const
const ROWS = 2400
const COLUMNS = ['a', 'b', 'c', 'd', 'kind']
const TYPES = ['q', 'q', 'q', 'q', 'c']

interface Problem {
  readonly matrix: Matrix
  /** About 0, spread over some units. */
  readonly signal: Float32Array
}

/** Row after row: four columns of numbers, with missing ones and ties, and a column of 40 categories. */
function problem(seed: number): Problem {
  const random = xoroshiro128plus(seed)
  const next = (): number => uniformFloat64(random)
  const values = Float32Array.from({ length: ROWS * COLUMNS.length }, (_, i) => {
    const c = i % COLUMNS.length
    if (next() < (c === 1 ? 0 : 0.1)) return Number.NaN
    if (c === 4) return Math.floor(40 * next())
    return c === 3 ? Math.floor(8 * next()) / 4 - 1 : 4 * next() - 2
  })
  const signal = Float32Array.from({ length: ROWS }, (_, r) => {
    const [a = 0, b = 0, c = 0, d = 0, kind = 0] = values.subarray(r * COLUMNS.length, (r + 1) * COLUMNS.length)
    return Math.sin(2 * (a || 0.8)) + b * (d || 0.3) + (c > 0.5 ? 0.6 : 0) + (kind % 7 < 3 ? 1 : -0.5) + 2 * next() - 1
  })
  return { matrix: { columns: COLUMNS, rows: ROWS, values, layout: 'rows' }, signal }
}

const labelsFor = (objective: Objective, signal: Float32Array): Float32Array => {
  if (objective === 'logistic') return signal.map((x) => Number(x > 0.4))
  return objective === 'poisson' ? signal.map((x) => Math.max(0, Math.round(x + 2))) : signal.map((x) => 3 * x + 20)
}

/** Largest difference against max(1, |expected|). */
function gap(found: ArrayLike<number>, expected: ArrayLike<number | bigint>): number {
  if (found.length !== expected.length) return Number.NaN
  return Array.from(found).reduce((worst, x, i) => {
    const y = Number(expected[i])
    const error = Math.abs(x - y) / Math.max(1, Math.abs(y))
    return error > worst || Number.isNaN(error) ? error : worst
  }, 0)
}

/** Raw scores as XGBoost sums them, in 32 bits, tree after tree, and what these sums may differ by from exact ones. */
interface Sums {
  readonly sums: Float32Array
  /** By row, half a last place of each sum on the way, added up. At most (trees + 1) x 2^-24 x the largest of them. */
  readonly bounds: Float64Array
}

function sumsIn32Bits(model: TreeModel, matrix: Matrix): Sums {
  const sums = new Float32Array(matrix.rows).fill(model.baseScore)
  const bounds = new Float64Array(matrix.rows).fill(Math.abs((sums[0] ?? 0) - model.baseScore))
  for (let t = 0; t < treeCount(model); t++) {
    const alone = { ...model, baseScore: 0, treeStart: model.treeStart.subarray(t, t + 2) }
    for (const [r, leaf] of predictRaw(alone, matrix).entries()) {
      const sum = Math.fround((sums[r] as number) + leaf)
      sums[r] = sum
      bounds[r] = (bounds[r] as number) + 2 ** (Math.floor(Math.log2(Math.abs(sum))) - 24)
    }
  }
  return { sums, bounds }
}

/** Rows where what XGBoost says is further from our own sum of the same leaves than rounding each sum to 32 bits can take it. */
const unexplained = (model: TreeModel, found: ArrayLike<number | bigint>, { bounds }: Sums, slack: number): number =>
  predictRaw(model, matrix).filter((exact, r) => {
    const most = (bounds[r] as number) + slack * Math.max(1, Math.abs(exact))
    return !(Math.abs(Number(found[r]) - exact) <= most)
  }).length

const line = z.object({ name: z.string(), trees: z.number() })
const script = new URL('formats.py', import.meta.url)
const saved = (name: string): ArrayLike<number> => folder.readArray(name).values
const fileOf = (name: string): Buffer => readFileSync(join(folder.path, name))

async function ourModel(objective: Objective, { matrix, signal }: Problem): Promise<TreeModel> {
  const validation = Uint8Array.from({ length: ROWS }, (_, r) => Number(r >= ROWS / 2))
  const train = validation.map((bit) => 1 - bit)
  const options = { rounds: 150, learningRate: 0.1, maxDepth: 6, earlyStoppingRounds: 10, categorical: ['kind'] }
  const own = { objective, train, validation, ...(objective === 'quantile' ? { quantile: 0.8 } : {}) }
  const result = await trainBoosted(matrix, labelsFor(objective, signal), { ...own, ...options })
  if (result.status !== 'trained') throw new Error(result.reason)
  return result.model
}

/**
 * What XGBoost's sums may differ by from its sums done here: nothing, but its logarithm of the base score is another
 * library's, and may round the last bit otherwise.
 */
const lastBit = (objective: Objective): number => (linkOf(objective) === 'identity' ? 0 : 3e-7)

const given = problem(11)
const { matrix } = given

beforeAll(() => {
  folder.writeArray('rows', { values: matrix.values, shape: [ROWS, COLUMNS.length] })
  for (const objective of OBJECTIVES)
    folder.writeArray(`labels-${objective}`, { values: labelsFor(objective, given.signal) })
})

describe.skipIf(withoutPeers)('models of our own in XGBoost', () => {
  const models = new Map<string, TreeModel>()
  beforeAll(async () => {
    for (const objective of OBJECTIVES) {
      const model = await ourModel(objective, given)
      writeFileSync(join(folder.path, `model-${objective}.ubj`), toXgboostUbj(model, { quantile: 0.8 }))
      writeFileSync(join(folder.path, `model-${objective}.json`), toXgboostJson(model, { quantile: 0.8 }))
      models.set(objective, model)
    }
    await runPython(line, script, ['load', folder.path])
  })

  const files = OBJECTIVES.flatMap((objective) => ['ubj', 'json'].map((format) => [objective, format] as const))
  test.each(files)(
    'of objective %s predict the same from .%s, and come back as XGBoost writes them',
    (objective, format) => {
      const model = models.get(objective) as TreeModel
      const name = `model-${objective}.${format}`
      expect(model.categorySet.some((set) => set >= 0)).toBe(true)
      const own = fromXgboost(fileOf(name))
      const rounded = sumsIn32Bits(own, matrix)
      expect(gap(rounded.sums, saved(`${name}.raw`))).toBeLessThanOrEqual(lastBit(objective))
      expect(unexplained(own, saved(`${name}.raw`), rounded, lastBit(objective))).toBe(0)
      expect(gap(predictRaw(model, matrix), saved(`${name}.raw`))).toBeLessThan(2e-6)
      // An error of a raw score is one of a mean's logarithm.
      const predicted = gap(predict(model, matrix), saved(`${name}.prediction`))
      expect(predicted).toBeLessThan(objective === 'logistic' ? 1e-6 : 4e-6)
      const again = fromXgboost(fileOf(`again/${name}`))
      expect(treeCount(again)).toBe(treeCount(own))
      expect(gap(predictRaw(again, matrix), predictRaw(model, matrix))).toBeLessThan(4e-7)
    },
  )
})

interface Training {
  readonly name: string
  readonly objective: Objective
  readonly rounds: number
  /** Rounds without a better score on the later half before stopping; 0 never stops. */
  readonly stop: number
  readonly parameters: Readonly<Record<string, string | number | boolean>>
}

/** Trains there; the early stopping must have stopped. */
async function trainThere(library: 'xgboost' | 'lightgbm', trainings: readonly Training[]): Promise<void> {
  folder.writeJson('settings', { columns: COLUMNS, types: TYPES, trainings })
  const trained = await runPython(line, script, [library, folder.path])
  expect(trained.map(({ name }) => name)).toEqual(trainings.map(({ name }) => name))
  const late = trainings.filter(({ stop, rounds }, i) => stop > 0 && (trained[i]?.trees ?? rounds) >= rounds)
  expect(late).toEqual([])
}

const xgboost = (name: string, objective: Objective, more: Training['parameters']): Training => ({
  name: `xgboost-${name}`,
  objective,
  rounds: 60,
  stop: 0,
  parameters: { max_depth: 6, eta: 0.2, max_cat_to_onehot: 4, objective: 'binary:logistic', ...more },
})

const XGBOOST: readonly Training[] = [
  { ...xgboost('stopped', 'logistic', {}), rounds: 400, stop: 5 },
  xgboost('squared', 'squared', { objective: 'reg:squarederror' }),
  xgboost('absolute', 'absolute', { objective: 'reg:absoluteerror' }),
  xgboost('huber', 'huber', { objective: 'reg:pseudohubererror', huber_slope: 5, base_score: 20 }),
  xgboost('quantile', 'quantile', { objective: 'reg:quantileerror', quantile_alpha: 0.8 }),
  xgboost('poisson', 'poisson', { objective: 'count:poisson' }),
  xgboost('dart', 'logistic', { booster: 'dart', rate_drop: 0.2, seed: 3 }),
  xgboost('forest', 'logistic', { num_parallel_tree: 3, subsample: 0.6, seed: 3 }),
  xgboost('leafwise', 'squared', {
    objective: 'reg:squarederror',
    grow_policy: 'lossguide',
    max_leaves: 40,
    max_depth: 0,
  }),
]

describe.skipIf(withoutPeers)('models of XGBoost here', () => {
  beforeAll(() => trainThere('xgboost', XGBOOST))

  test.each(XGBOOST)('predict the same, from UBJSON and from JSON: $name', ({ name, objective }) => {
    const model = fromXgboost(fileOf(`${name}.ubj`))
    expect([model.columns, model.objective]).toEqual([COLUMNS, objective])
    expect(model.categorySet.some((set) => set >= 0)).toBe(true)
    // In 64 bits we are nearer to the exact sum than XGBoost is.
    const rounded = sumsIn32Bits(model, matrix)
    expect(gap(rounded.sums, saved(`${name}.raw`))).toBeLessThanOrEqual(lastBit(objective))
    expect(unexplained(model, saved(`${name}.raw`), rounded, lastBit(objective))).toBe(0)
    expect(gap(predictRaw(model, matrix), saved(`${name}.raw`))).toBeLessThan(2e-6)
    expect(fromXgboost(fileOf(`${name}.json`))).toEqual(model)
  })
})

const lightgbm = (name: string, objective: Objective, more: Training['parameters']): Training => ({
  name: `lightgbm-${name}`,
  objective,
  rounds: 60,
  stop: 0,
  parameters: { num_leaves: 31, learning_rate: 0.1, max_cat_to_onehot: 4, objective: 'binary', ...more },
})

const LIGHTGBM: readonly Training[] = [
  { ...lightgbm('stopped', 'logistic', {}), rounds: 400, stop: 5 },
  lightgbm('regression', 'squared', { objective: 'regression' }),
  lightgbm('l1', 'absolute', { objective: 'regression_l1' }),
  lightgbm('huber', 'huber', { objective: 'huber' }),
  lightgbm('quantile', 'quantile', { objective: 'quantile', alpha: 0.8 }),
  lightgbm('poisson', 'poisson', { objective: 'poisson' }),
  lightgbm('dart', 'logistic', { boosting: 'dart', drop_rate: 0.2 }),
  lightgbm('unused-missing', 'logistic', { use_missing: false }),
]

describe.skipIf(withoutPeers)('models of LightGBM here', () => {
  beforeAll(() => trainThere('lightgbm', LIGHTGBM))

  test.each(LIGHTGBM)('predict the same: $name', ({ name, objective }) => {
    const model = fromLightgbm(fileOf(`${name}.txt`).toString())
    expect([model.columns, model.objective]).toEqual([COLUMNS, objective])
    expect(model.categorySet.some((set) => set >= 0)).toBe(true)
    expect(treeCount(model)).toBeGreaterThan(10)
    expect(gap(predictRaw(model, matrix), saved(`${name}.raw`))).toBeLessThan(1e-6)
  })
})
