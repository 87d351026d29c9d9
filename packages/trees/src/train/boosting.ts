import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { BinnedMatrix } from '../binning/bin-matrix.ts'
import type { Engine } from '../engine/engine.ts'
import { startCurves } from './curves.ts'
import type { Curves } from './curves.ts'
import { createColumnSums } from './grow/column-histogram.ts'
import type { ColumnSums } from './grow/column-histogram.ts'
import type { ColumnRules } from './grow/column-sampling.ts'
import type { GrowRules } from './grow/grow-task.ts'
import { createStore } from './grow/node-store.ts'
import type { NodeStore } from './grow/node-store.ts'
import type { HeadPlan } from './heads.ts'
import { lossFunctionOf } from './objectives.ts'
import type { LossFunction, Samples } from './objectives.ts'
import type { TrainSettings } from './options.ts'
import { randomOf } from './sampling.ts'

/** State of one head while it is boosted. The engine's region and `store` change with every tree. */
export interface BoostingState {
  readonly binned: BinnedMatrix
  readonly engine: Engine
  readonly plan: HeadPlan
  readonly settings: TrainSettings
  readonly rules: GrowRules
  readonly columns: ColumnRules
  /** Slots of categorical columns. */
  readonly categorical: readonly number[]
  readonly loss: LossFunction
  readonly train: Samples
  readonly validation: Samples
  readonly totalWeight: number
  /** The first training row, where they are consecutive; else -1. */
  readonly firstRow: number
  /** The hessian of every training row, where all have the same. */
  readonly equalHessian: number | undefined
  /** The smallest gradient that is not taken for 0. */
  readonly floor: number
  readonly random: RandomGenerator
  readonly store: NodeStore
  /** Raw scores of validation rows, by matrix row; those of training rows are in the engine. */
  readonly validationScores: Float64Array
  readonly columnSums: ColumnSums
  readonly curves: Curves
}

/** Everything a head needs before its first round: its rows, labels, weights and base scores in the engine's region. */
export function startBoosting(
  binned: BinnedMatrix,
  engine: Engine,
  plan: HeadPlan,
  settings: TrainSettings,
): { readonly state: BoostingState; readonly baseScore: number } {
  const { labels, weights, rows, validationRows } = plan
  const { views, layout } = engine
  const train: Samples = { rows, labels, weights }
  const loss = lossFunctionOf(plan.objective, plan)
  const baseScore = plan.initial?.baseScore ?? loss.baseScore(train)
  const validationScores = new Float64Array(binned.rows)
  writeRows(plan, views, baseScore, validationScores)
  const totalWeight = rows.reduce((sum, row) => sum + (views.weights[row] as number), 0)
  const monotone = plan.monotone && layout.columnOf.map((column) => plan.monotone?.[column] ?? 0)
  const slotOf = (column: string): number => layout.slotOf[binned.columns.indexOf(column)] as number
  const state: BoostingState = {
    binned,
    engine,
    plan,
    settings,
    loss,
    train,
    validationScores,
    rules: { ...settings, monotone: monotone && Int8Array.from(monotone), maxWeight: loss.maxWeight },
    columns: {
      slots: plan.columns.map((column) => layout.slotOf[column] as number).toSorted(),
      size: layout.columnOf.length,
      perTree: settings.columnSampling,
      perLevel: settings.columnSamplingByLevel,
      perNode: settings.columnSamplingByNode,
      interactions: settings.interactions?.map((group) => group.map(slotOf)),
    },
    categorical: binned.categorical.map(slotOf),
    validation: { rows: validationRows, labels, weights },
    totalWeight,
    firstRow: firstOfConsecutive(rows),
    equalHessian: equalHessianOf(plan),
    // Gradients carry the weight of their row.
    floor: loss.minGradient(largestLabel(train)) * (totalWeight / rows.length),
    random: randomOf(settings.seed, plan.name),
    store: createStore(),
    columnSums: createColumnSums(),
    curves: startCurves(settings),
  }
  return { state, baseScore }
}

/** The first of ascending rows without gaps; -1 where there is a gap. */
function firstOfConsecutive(rows: Int32Array): number {
  const first = rows[0] ?? 0
  return (rows.at(-1) ?? -1) - first + 1 === rows.length ? first : -1
}

/** Weight 0 and label 0 stand for rows outside the head: their derivatives are 0 whatever the matrix holds. */
function writeRows(
  plan: HeadPlan,
  { labels, weights, scores }: Engine['views'],
  baseScore: number,
  validationScores: Float64Array,
): void {
  labels.fill(0)
  weights.fill(0)
  for (const row of plan.rows) {
    labels[row] = plan.labels[row] as number
    weights[row] = plan.weights?.[row] ?? 1
  }
  if (plan.initialScores) {
    scores.set(plan.initialScores)
    validationScores.set(plan.initialScores)
  } else {
    scores.fill(baseScore)
    validationScores.fill(baseScore)
  }
}

/** Squared-like losses have the weight as hessian: the same for all rows where there are no weights. */
function equalHessianOf({ objective, weights, rows }: HeadPlan): number | undefined {
  if (objective === 'logistic' || objective === 'poisson' || objective === 'custom') return undefined
  const first = weights?.[rows[0] as number] ?? 1
  return weights === undefined || rows.every((row) => weights[row] === first) ? first : undefined
}

function largestLabel({ rows, labels }: Samples): number {
  let largest = 0
  for (const row of rows) largest = Math.max(largest, Math.abs(labels[row] as number))
  return largest
}
