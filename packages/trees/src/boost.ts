import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { addTree, scaleTree } from './add-tree.ts'
import type { BinnedMatrix } from './binning.ts'
import { createColumnCells } from './cells.ts'
import { chooseColumns } from './column-choice.ts'
import type { ColumnRules } from './column-choice.ts'
import { patienceIsOver, recordValidation, startCurves } from './curves.ts'
import type { Curves } from './curves.ts'
import { dartWeights, dropTrees } from './dart.ts'
import { computeDerivatives } from './derivatives.ts'
import { drawRows } from './draw-rows.ts'
import type { Engine } from './engine/engine.ts'
import { growTree } from './grow.ts'
import type { GrowRules, GrowTask } from './grow.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import { metricOf } from './metrics.ts'
import { appendModel } from './model.ts'
import { closeTree, createStore, dropTree, toModel } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import { lossFunctionOf } from './objectives.ts'
import type { LossFunction, LossSums, Samples } from './objectives.ts'
import type { TrainProgress, TrainSettings } from './options.ts'
import { renewLeaves } from './renew.ts'
import { randomOf } from './sampling.ts'
import { scaleFor } from './scale.ts'
import type { Steps } from './steps.ts'

/** Progress of one head, before it is known which of how many it is. */
export type RoundReport = Omit<TrainProgress, 'headIndex' | 'heads'>

/** State of one head while it is boosted. The engine's region and `store` change with every tree. */
export interface Boosting {
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
  /** The least gradient told from 0. */
  readonly floor: number
  readonly random: RandomGenerator
  readonly store: NodeStore
  /** Raw scores of validation rows, by matrix row; those of training rows are in the engine. */
  readonly validationScores: Float64Array
  readonly cells: ReturnType<typeof createColumnCells>
  readonly curves: Curves
}

/**
 * Boosts one head: each round computes derivatives at the current scores, grows a tree on them (Friedman 2001; second
 * order as in XGBoost, Chen and Guestrin 2016, eq. 5 to 7), and adds it to the scores of training and validation rows.
 * A tree without a split is dropped, and ends training unless sampling may give the next one another chance.
 */
export function* boost(state: Boosting, baseScore: number, report?: (round: RoundReport) => void): Steps<TrainedHead> {
  const { settings, curves, plan } = state
  let sums = record(state)
  let stopped: TrainedHead['stopped'] = 'rounds'
  for (let round = 1; round <= settings.rounds; round++) {
    const grown = yield* addRound(state, sums)
    if (!grown && !isSampled(settings)) {
      stopped = 'no-split'
      break
    }
    sums = record(state)
    report?.({
      head: plan.name,
      round,
      rounds: settings.rounds,
      trainLoss: curves.train.at(-1) ?? Number.NaN,
      validationLoss: curves.validation.get('loss')?.at(-1),
    })
    if (patienceIsOver(curves, settings)) {
      stopped = 'early'
      break
    }
  }
  return finished(state, baseScore, stopped)
}

/** Whether a round may do what the one before it could not. */
function isSampled(settings: TrainSettings): boolean {
  const { rowSampling, columnSampling, columnSamplingByLevel, columnSamplingByNode, goss, dart } = settings
  return (
    Math.min(rowSampling, columnSampling, columnSamplingByLevel, columnSamplingByNode) < 1 ||
    goss !== undefined ||
    dart !== undefined
  )
}

/** Computes the derivatives at the current scores, and records the losses. */
function record(state: Boosting): LossSums {
  const { curves, store, validation, validationScores, settings, plan, loss } = state
  const sums = computeDerivatives(state)
  curves.train.push(sums.loss / state.totalWeight)
  curves.trees.push(store.treeStart.length - 1)
  if (validation.rows.length > 0) {
    recordValidation(curves, settings, (metric) =>
      metricOf(metric, validation, validationScores, plan.objective, loss.loss),
    )
  }
  return sums
}

/** One round: drops trees (DART), grows one, adds it to the scores; false where the root could not be split. */
function* addRound(state: Boosting, sums: LossSums): Steps<boolean> {
  const { settings, store, random } = state
  const built = store.treeStart.length - 1
  const dropped = settings.dart ? dropTrees(built, settings.dart, random) : []
  for (const tree of dropped) addEverywhere(state, tree, -1)
  const grown = yield* addTreeFor(state, dropped.length > 0 ? computeDerivatives(state) : sums)
  const weights = dartWeights(dropped.length)
  for (const tree of dropped) {
    if (grown) scaleTree(store, tree, weights.dropped)
    addEverywhere(state, tree, 1)
  }
  if (grown && dropped.length > 0) {
    addEverywhere(state, built, -1)
    scaleTree(store, built, weights.grown)
    addEverywhere(state, built, 1)
  }
  return grown
}

/** Adds `factor` times a tree to the scores of all rows of the head. */
function addEverywhere(
  { binned, store, train, validation, engine, validationScores }: Boosting,
  tree: number,
  factor: number,
): void {
  addTree(binned, store, tree, train.rows, engine.views.scores, factor)
  addTree(binned, store, tree, validation.rows, validationScores, factor)
}

/** Grows one tree on the derivatives and adds it to the scores. */
function* addTreeFor(state: Boosting, sums: LossSums): Steps<boolean> {
  const { binned, engine, settings, rules, store, train, loss } = state
  const { count, others } = drawRows(train.rows, settings, engine.views, state.random)
  const scale = scaleFor(
    settings.goss ? sumsOf(engine, count) : sums,
    binned.rows,
    state.floor,
    settings.goss ? undefined : state.equalHessian,
  )
  engine.kernel.pack(scale.gradient, scale.hessian)
  const renewed = loss.renewQuantile !== undefined
  const task: GrowTask = {
    binned,
    engine,
    rules,
    scale,
    count,
    store,
    keepRows: renewed,
    cells: state.cells,
    firstRow: count === train.rows.length ? state.firstRow : -1,
    columns: chooseColumns(state.columns, state.random),
    categorical: state.categorical,
  }
  const leaves = yield* growTree(task)
  if (leaves.length === 1) {
    dropTree(store)
    return false
  }
  closeTree(store)
  const tree = store.treeStart.length - 2
  if (loss.renewQuantile !== undefined) {
    renewLeaves(leaves, loss.renewQuantile, settings.learningRate, engine.views, store)
    for (const { node, from, to } of leaves) engine.kernel.addLeaf(from, to, store.value[node] as number)
  }
  addTree(binned, store, tree, others, engine.views.scores)
  addTree(binned, store, tree, state.validation.rows, state.validationScores)
  return true
}

/** Sums of the derivatives of the drawn rows, which GOSS has changed. */
function sumsOf({ views }: Engine, count: number): { gradient: number; hessian: number } {
  let gradient = 0
  let hessian = 0
  for (const row of views.order.subarray(0, count)) {
    gradient += Math.abs(views.gradients[row] as number)
    hessian += views.hessians[row] as number
  }
  return { gradient, hessian }
}

/** Everything a head needs before its first round: its rows, labels, weights and base scores in the engine's region. */
export function startBoosting(
  binned: BinnedMatrix,
  engine: Engine,
  plan: HeadPlan,
  settings: TrainSettings,
): { readonly state: Boosting; readonly baseScore: number } {
  const { labels, weights, rows, validationRows } = plan
  const { views, layout } = engine
  const train: Samples = { rows, labels, weights }
  const loss = lossFunctionOf(plan.objective, plan)
  const baseScore = plan.initial?.baseScore ?? loss.baseScore(train)
  const validationScores = new Float64Array(binned.rows)
  putRows(plan, views, baseScore, validationScores)
  const monotone = plan.monotone && layout.columnOf.map((column) => plan.monotone?.[column] ?? 0)
  const slotOf = (column: string): number => layout.slotOf[binned.columns.indexOf(column)] as number
  const state: Boosting = {
    binned,
    engine,
    plan,
    settings,
    loss,
    train,
    validationScores,
    rules: { ...settings, monotone: monotone && Int8Array.from(monotone) },
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
    totalWeight: rows.reduce((sum, row) => sum + (views.weights[row] as number), 0),
    firstRow: firstOfConsecutive(rows),
    equalHessian: equalHessianOf(plan),
    floor: loss.scalesWithLabel ? Math.max(1e-30, largestLabel(train) * 2 ** -22) : 2 ** -24,
    random: randomOf(settings.seed, plan.name),
    store: createStore(),
    cells: createColumnCells(),
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
function putRows(
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
  let most = 0
  for (const row of rows) most = Math.max(most, Math.abs(labels[row] as number))
  return most
}

function finished(state: Boosting, baseScore: number, stopped: TrainedHead['stopped']): TrainedHead {
  const { binned, settings, store, train, validation, curves, plan } = state
  const built = store.treeStart.length - 1
  const validated = validation.rows.length > 0
  const bestRound = validated ? (curves.trees[curves.best] as number) : built
  const kept = settings.earlyStoppingRounds === undefined ? built : bestRound
  const grown = toModel(store, kept, { objective: plan.objective, columns: binned.columns, baseScore })
  return {
    status: 'trained',
    name: plan.name,
    model: plan.initial ? appendModel(plan.initial, grown) : grown,
    trainLoss: Float64Array.from(curves.train),
    validationLoss: validated ? Float64Array.from(curves.validation.get('loss') ?? []) : undefined,
    metrics: validated
      ? Object.fromEntries([...curves.validation].map(([metric, values]) => [metric, Float64Array.from(values)]))
      : {},
    bestRound,
    stopped,
    trainRows: train.rows.length,
    validationRows: validation.rows.length,
  }
}
