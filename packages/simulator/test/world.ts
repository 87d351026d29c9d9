import { fileURLToPath } from 'node:url'
import { rocAuc } from '@breakwater/calibration'
import { buildSignals, deriveHeads, encodeTable, fitEncoder, selectFeatures } from '@breakwater/features'
import type { HeadTarget, Stage, Table } from '@breakwater/features'
import { loadSchema } from '@breakwater/features/parquet'
import { plantedScore, simulate } from '@breakwater/simulator'
import type { SimulationOptions } from '@breakwater/simulator'
import { importance, predict, trainBoosted } from '@breakwater/trees'
import type { ColumnImportance } from '@breakwater/trees'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { numbers, words } from './columns.ts'

/** A simulated market as signals, with the date of each row and the targets of its heads. */
export interface World {
  readonly table: Table
  readonly dates: readonly (string | null)[]
  readonly heads: readonly HeadTarget[]
  /** Training stops before this date, about the 26th of 40 sessions. */
  readonly testFrom: string
}

/** Simulates and makes signals of it. */
export function makeWorld(options: SimulationOptions): World {
  const { bars, physics, truth } = simulate(options)
  const { table } = buildSignals(bars, { physics })
  const testFrom = truth.dates[Math.floor(truth.dates.length * 0.65)] ?? ''
  return { table, dates: words(table, 'date'), heads: deriveHeads(table), testFrom }
}

/** The target of one head. */
export function headOf({ heads }: World, name: string): HeadTarget {
  const head = heads.find((one) => one.name === name)
  if (head === undefined) throw new Error(`no head ${name}`)
  return head
}

/** The planted score of every row. */
function scores({ table }: World): Float64Array {
  const [imbalance, gamma] = [numbers(table, 'tape_imbalance'), numbers(table, 'gamma_exposure')]
  const [states, wall] = [words(table, 'barrier_state'), numbers(table, 'wall_ratio')]
  return numbers(table, 'direction_sign').map((sign, row) => {
    const physics = {
      tapeImbalance: imbalance[row] ?? Number.NaN,
      gammaExposure: gamma[row] ?? Number.NaN,
      barrierState: states[row] ?? null,
      wallRatio: wall[row] ?? Number.NaN,
    }
    return plantedScore(physics, sign)
  })
}

/** Share of BREAK among the tradeable rows of a direction head, by tercile of the planted score from low to high. */
export function breakRates(world: World, name: string): readonly number[] {
  const { values, mask } = headOf(world, name)
  const score = scores(world)
  const rows = Array.from(mask.keys()).filter((row) => mask[row] === 1)
  const sorted = rows.toSorted((a, b) => (score[a] ?? 0) - (score[b] ?? 0))
  const third = Math.floor(sorted.length / 3)
  return [0, 1, 2].map((tercile) => {
    const part = sorted.slice(tercile * third, (tercile + 1) * third)
    return part.reduce((sum, row) => sum + (values[row] ?? 0), 0) / third
  })
}

/** Share of BREAK among the tradeable rows of the 4-minute direction head for which the rule holds. */
export function breakRateWhere(world: World, holds: (row: number) => boolean): number {
  const { values, mask } = headOf(world, 'direction')
  const rows = Array.from(mask.keys()).filter((row) => mask[row] === 1 && holds(row))
  return rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length
}

/** What a direction head trained on the earlier sessions does on the later ones. */
export interface OutOfSample {
  readonly auc: number
  /** Gain by column, indicators of one word column added up, largest first. */
  readonly gains: readonly Pick<ColumnImportance, 'column' | 'gain'>[]
}

/**
 * Trains the 4-minute direction head on the sessions before `testFrom` (labels shuffled among the training rows by
 * `shuffleSeed`, when given) and scores it on the rest with their true labels.
 */
export async function trainDirection(world: World, stage: Stage, shuffleSeed?: number): Promise<OutOfSample> {
  const schema = await loadSchema(fileURLToPath(new URL('../../../data/features.json', import.meta.url)))
  const { anchorSeconds, values, mask } = headOf(world, 'direction')
  const isTest = world.dates.map((date) => date !== null && date >= world.testFrom)
  const train = mask.map((used, row) => (isTest[row] === true ? 0 : used))
  const { features } = selectFeatures(schema, { stage, ablation: 'full', knownBy: anchorSeconds })
  const { matrix } = encodeTable(fitEncoder(world.table, features, { rows: train }), world.table)
  const labels = shuffleSeed === undefined ? values : shuffled(values, train, shuffleSeed)
  const result = await trainBoosted(matrix, labels, { train, rounds: 100, learningRate: 0.08, maxDepth: 4 })
  if (result.status === 'skipped') throw new Error(result.reason)
  const forecasts = predict(result.model, matrix)
  const test = Array.from(mask.keys()).filter((row) => mask[row] === 1 && isTest[row] === true)
  const measure = rocAuc(
    test.map((row) => forecasts[row] ?? Number.NaN),
    test.map((row) => values[row] ?? Number.NaN),
  )
  return { auc: measure.value ?? Number.NaN, gains: byFeature(importance(result.model)) }
}

function shuffled(values: Float32Array, train: Uint8Array, seed: number): Float32Array {
  const random = xoroshiro128plus(seed)
  const labels = values.slice()
  const rows = Array.from(train.keys()).filter((row) => train[row] === 1)
  for (let last = rows.length - 1; last > 0; last--) {
    const [a, b] = [rows[last] ?? 0, rows[uniformInt(random, 0, last)] ?? 0]
    const kept = labels[a] ?? 0
    labels[a] = labels[b] ?? 0
    labels[b] = kept
  }
  return labels
}

function byFeature(columns: readonly ColumnImportance[]): { column: string; gain: number }[] {
  const gains = new Map<string, number>()
  for (const { column, gain } of columns) {
    const feature = column.split('=')[0] ?? column
    gains.set(feature, (gains.get(feature) ?? 0) + gain)
  }
  return Array.from(gains, ([column, gain]) => ({ column, gain })).toSorted((a, b) => b.gain - a.gain)
}
