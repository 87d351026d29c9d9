import type { Coroutine } from '../binning/coroutine.ts'
import type { Engine } from '../engine/engine.ts'
import { scaleFor } from '../engine/fixed-point.ts'
import { appendModel } from '../model/model.ts'
import type { BoostingState } from './boosting.ts'
import { patienceIsOver, recordValidation } from './curves.ts'
import { computeDerivatives, roundGradients } from './derivatives.ts'
import { addTree, dartWeights, dropTrees, scaleTree } from './ensemble.ts'
import { chooseColumns } from './grow/column-sampling.ts'
import type { GrowTask } from './grow/grow-task.ts'
import { growTree } from './grow/grow.ts'
import { closeTree, dropTree, toModel } from './grow/node-store.ts'
import type { TrainedHead } from './heads.ts'
import { refitToQuantiles } from './leaf-refit.ts'
import { metricOf } from './metrics.ts'
import type { LossSums } from './objectives.ts'
import type { TrainProgress, TrainSettings } from './options.ts'
import { drawRows } from './sampling.ts'

/** Progress of one head, before it is known which of how many it is. */
export type RoundReport = Omit<TrainProgress, 'headIndex' | 'heads'>

/**
 * Boosts one head: each round computes derivatives at the current scores, grows a tree on them (Friedman 2001; second
 * order as in XGBoost, Chen and Guestrin 2016, eq. 5 to 7), and adds it to the scores of training and validation rows.
 * A tree without a split is dropped, and ends training unless sampling may give the next one another chance.
 */
export function* boost(
  state: BoostingState,
  baseScore: number,
  report?: (round: RoundReport) => void,
): Coroutine<TrainedHead> {
  const { settings, curves, plan } = state
  let sums = record(state)
  let stopped: TrainedHead['stopped'] = 'rounds'
  for (let round = 1; round <= plan.rounds; round++) {
    const grown = yield* addRound(state, sums)
    if (!grown && !isRandom(settings)) {
      stopped = 'no-split'
      break
    }
    sums = record(state)
    report?.({
      head: plan.name,
      round,
      rounds: plan.rounds,
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
function isRandom(settings: TrainSettings): boolean {
  const { rowSampling, columnSampling, columnSamplingByLevel, columnSamplingByNode } = settings
  const { goss, dart, gradientLevels } = settings
  return (
    Math.min(rowSampling, columnSampling, columnSamplingByLevel, columnSamplingByNode) < 1 ||
    goss !== undefined ||
    gradientLevels !== undefined ||
    dart !== undefined
  )
}

/** Computes the derivatives at the current scores, and records the losses. */
function record(state: BoostingState): LossSums {
  const { curves, store, validation, validationScores, settings, plan, loss } = state
  const sums = computeDerivatives(state)
  curves.train.push(sums.loss / state.totalWeight)
  curves.trees.push(store.treeStart.length - 1)
  if (validation.rows.length > 0) {
    recordValidation(curves, settings, (metric) => metricOf(metric, validation, validationScores, plan.objective, loss))
  }
  return sums
}

/** One round: drops trees (DART), grows one, adds it to the scores; false where the root could not be split. */
function* addRound(state: BoostingState, sums: LossSums): Coroutine<boolean> {
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
  { binned, store, train, validation, engine, validationScores }: BoostingState,
  tree: number,
  factor: number,
): void {
  addTree(binned, store, tree, train.rows, engine.views.scores, factor)
  addTree(binned, store, tree, validation.rows, validationScores, factor)
}

/** Grows one tree on the derivatives and adds it to the scores. */
function* addTreeFor(state: BoostingState, sums: LossSums): Coroutine<boolean> {
  const { binned, engine, settings, rules, store, train, loss } = state
  const { count, others } = drawRows(train.rows, settings, engine.views, state.random)
  if (settings.gradientLevels !== undefined) {
    roundGradients(engine.views, count, settings.gradientLevels, state.random)
  }
  const scale = scaleFor(
    settings.goss || settings.gradientLevels !== undefined ? sumsOf(engine, count) : sums,
    binned.rows,
    state.floor,
    settings.goss ? undefined : state.equalHessian,
  )
  const maxHessian = engine.kernel.pack(scale.gradient, scale.hessian)
  const refits = loss.leafQuantile !== undefined
  const task: GrowTask = {
    binned,
    engine,
    rules,
    scale: { ...scale, maxHessian },
    count,
    store,
    keepRows: refits,
    columnSums: state.columnSums,
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
  if (loss.leafQuantile !== undefined) {
    const { monotone, learningRate, maxDeltaStep } = rules
    const directionOf =
      monotone && ((column: number): number => monotone[engine.layout.slotOf[column] as number] as number)
    refitToQuantiles(leaves, store.treeStart[tree] as number, {
      q: loss.leafQuantile,
      learningRate,
      maxDeltaStep,
      directionOf,
      views: engine.views,
      store,
    })
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

function finished(state: BoostingState, baseScore: number, stopped: TrainedHead['stopped']): TrainedHead {
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
