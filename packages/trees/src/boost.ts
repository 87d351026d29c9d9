import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

import type { BinnedMatrix } from './binning.ts'
import { valueBins } from './binning.ts'
import { toFixedPoint } from './fixed-point.ts'
import { growTree } from './grow.ts'
import type { GrowTask, Leaf } from './grow.ts'
import type { HeadPlan, TrainedHead } from './heads.ts'
import { histogramSize, layoutOf } from './histogram.ts'
import type { Layout } from './histogram.ts'
import { LOSSES } from './loss.ts'
import type { Loss, Samples } from './loss.ts'
import { closeTree, createStore, dropTree, toModel } from './node-store.ts'
import type { NodeStore } from './node-store.ts'
import type { TrainProgress, TrainSettings } from './options.ts'
import { createRowOrder } from './partition.ts'
import type { RowOrder } from './partition.ts'
import { randomOf, sample, sampleSize } from './sampling.ts'
import { createSplitScratch } from './split.ts'
import type { SplitScratch } from './split.ts'
import type { Steps } from './steps.ts'

/** Progress of one head, before it is known which of how many it is. */
export type RoundReport = Omit<TrainProgress, 'headIndex' | 'heads'>

/** State of one head while it is boosted. `scores` and `store` change with every tree. */
interface Boosting {
  readonly binned: BinnedMatrix
  readonly settings: TrainSettings
  readonly loss: Loss
  readonly train: Samples
  readonly validation: Samples
  readonly random: RandomGenerator
  readonly store: NodeStore
  /** Raw score of every matrix row; kept up to date for training and validation rows. */
  readonly scores: Float64Array
  readonly gradients: Float64Array
  readonly hessians: Float64Array
  readonly rows: RowOrder
  /** Indices into `train.rows` that the current tree sees. */
  readonly drawn: Int32Array
  readonly allColumns: Layout
  readonly columns: Int32Array
  readonly spare: Float64Array[]
  readonly histogramLength: number
  readonly scratch: SplitScratch
}

/**
 * Boosts one head: each round computes derivatives at the current scores, grows a tree on them (Friedman 2001; second
 * order as in XGBoost, Chen and Guestrin 2016, eq. 5 to 7), and adds it to the scores of training and validation rows.
 * A tree without a split is dropped, and ends training unless sampling may give the next one another chance.
 */
export function* boost(
  binned: BinnedMatrix,
  plan: HeadPlan,
  settings: TrainSettings,
  report?: (round: RoundReport) => void,
): Steps<TrainedHead> {
  const state = start(binned, plan, settings)
  const baseScore = state.loss.baseScore(state.train)
  state.scores.fill(baseScore)
  const curves = startCurves(state)
  const sampled = settings.rowSampling < 1 || settings.columnSampling < 1
  let stopped: TrainedHead['stopped'] = 'rounds'
  for (let round = 1; round <= settings.rounds; round++) {
    const grown = yield* addTree(state)
    if (!grown && !sampled) {
      stopped = 'no-split'
      break
    }
    recordLosses(state, curves)
    report?.({
      head: plan.name,
      round,
      rounds: settings.rounds,
      trainLoss: curves.train.at(-1) ?? Number.NaN,
      validationLoss: curves.validation.at(-1),
    })
    if (patienceIsOver(curves, settings)) {
      stopped = 'early'
      break
    }
  }
  return finished(state, plan, baseScore, curves, stopped)
}

/** Losses after 0, 1, 2, ... rounds, and the trees that existed then (a round may add none). */
interface Curves {
  readonly train: number[]
  readonly validation: number[]
  readonly trees: number[]
  /** Index of the least validation loss. */
  best: number
}

function start(binned: BinnedMatrix, plan: HeadPlan, settings: TrainSettings): Boosting {
  const { labels, weights, rows, validationRows, columns } = plan
  return {
    binned,
    settings,
    loss: LOSSES[plan.objective],
    train: { rows, labels, weights },
    validation: { rows: validationRows, labels, weights },
    random: randomOf(settings.seed, plan.name),
    store: createStore(),
    scores: new Float64Array(binned.rows),
    gradients: new Float64Array(rows.length),
    hessians: new Float64Array(rows.length),
    rows: createRowOrder(rows.length),
    drawn: Int32Array.from(rows, (_, i) => i),
    allColumns: layoutOf(binned, columns),
    columns: new Int32Array(columns.length),
    spare: [],
    histogramLength: histogramSize(layoutOf(binned, columns)),
    scratch: createSplitScratch(),
  }
}

function startCurves(state: Boosting): Curves {
  const curves: Curves = { train: [], validation: [], trees: [], best: 0 }
  recordLosses(state, curves)
  return curves
}

/** Computes the derivatives at the current scores, and both losses on the way. */
function recordLosses(state: Boosting, curves: Curves): void {
  const { loss, train, validation, scores, gradients, hessians, store } = state
  curves.train.push(loss.derivatives(train, scores, gradients, hessians))
  curves.trees.push(store.treeStart.length - 1)
  if (validation.rows.length === 0) return
  curves.validation.push(loss.mean(validation, scores))
  const last = curves.validation.length - 1
  if ((curves.validation[last] as number) < (curves.validation[curves.best] as number)) curves.best = last
}

function patienceIsOver(curves: Curves, { earlyStoppingRounds }: TrainSettings): boolean {
  if (earlyStoppingRounds === undefined || curves.validation.length === 0) return false
  return curves.validation.length - 1 - curves.best >= earlyStoppingRounds
}

/** Grows one tree and adds it to the scores; false where the root could not be split. */
function* addTree(state: Boosting): Steps<boolean> {
  const { binned, settings, gradients, hessians, train, rows, store, scores, spare, histogramLength, scratch } = state
  const point = toFixedPoint(gradients, hessians, train.rows.length)
  const count = drawRows(state)
  const layout = drawColumns(state)
  const task: GrowTask = { binned, layout, rules: settings, point, rows, count, store, spare, histogramLength, scratch }
  const leaves = yield* growTree(task)
  if (leaves.length === 1) {
    dropTree(store)
    return false
  }
  closeTree(store)
  addToLeaves(leaves, rows.order, store, scores)
  if (count < train.rows.length) addToOthers(state, count)
  addByBins(binned, store, state.validation.rows, scores)
  return true
}

/** Copies the drawn rows with their derivatives into the row order; returns how many. */
function drawRows({ settings, train, random, drawn, gradients, hessians, rows }: Boosting): number {
  const all = train.rows.length
  if (settings.rowSampling === 1) {
    rows.order.set(train.rows)
    rows.gradients.set(gradients)
    rows.hessians.set(hessians)
    return all
  }
  const count = sample(random, all, sampleSize(all, settings.rowSampling), drawn)
  for (let i = 0; i < count; i++) {
    const at = drawn[i] as number
    rows.order[i] = train.rows[at] as number
    rows.gradients[i] = gradients[at] as number
    rows.hessians[i] = hessians[at] as number
  }
  return count
}

/** The histogram layout of the columns this tree may use. */
function drawColumns({ settings, binned, random, allColumns, columns }: Boosting): Layout {
  const all = allColumns.columns.length
  const size = sampleSize(all, settings.columnSampling)
  if (size === all) return allColumns
  sample(random, all, size, columns)
  return layoutOf(
    binned,
    columns.slice(0, size).map((slot) => allColumns.columns[slot] as number),
  )
}

/** Adds each leaf's value to the rows that ended in it. */
function addToLeaves(leaves: readonly Leaf[], order: Int32Array, store: NodeStore, scores: Float64Array): void {
  for (const { node, from, to } of leaves) {
    const value = store.value[node] as number
    for (let i = from; i < to; i++) {
      const row = order[i] as number
      scores[row] = (scores[row] as number) + value
    }
  }
}

/** Adds the last tree to the training rows that it did not see. */
function addToOthers(state: Boosting, count: number): void {
  const { train, drawn, binned, store, scores } = state
  const others = new Int32Array(train.rows.length - count)
  let next = 0
  let found = 0
  for (let i = 0; i < train.rows.length; i++) {
    if (next < count && drawn[next] === i) next++
    else others[found++] = train.rows[i] as number
  }
  addByBins(binned, store, others, scores)
}

/** Adds the last tree's prediction, found by codes, to the scores of the given rows. */
function addByBins(binned: BinnedMatrix, store: NodeStore, rows: Int32Array, scores: Float64Array): void {
  const root = store.treeStart.at(-2) ?? 0
  const missing = Uint8Array.from(binned.columns, (_, c) => valueBins(binned, c))
  for (const row of rows) {
    let node = root
    for (let c = store.feature[node] as number; c >= 0; c = store.feature[node] as number) {
      const code = binned.bins[c * binned.rows + row] as number
      const goesLeft = code === missing[c] ? store.missingLeft[node] === 1 : code <= (store.bin[node] as number)
      node = (store.left[node] as number) + (goesLeft ? 0 : 1)
    }
    scores[row] = (scores[row] as number) + (store.value[node] as number)
  }
}

function finished(
  state: Boosting,
  plan: HeadPlan,
  baseScore: number,
  curves: Curves,
  stopped: TrainedHead['stopped'],
): TrainedHead {
  const { binned, settings, store, train, validation } = state
  const built = store.treeStart.length - 1
  const bestRound = curves.validation.length > 0 ? (curves.trees[curves.best] as number) : built
  const kept = settings.earlyStoppingRounds === undefined ? built : bestRound
  return {
    status: 'trained',
    name: plan.name,
    model: toModel(store, kept, { objective: plan.objective, columns: binned.columns, baseScore }),
    trainLoss: Float64Array.from(curves.train),
    validationLoss: curves.validation.length > 0 ? Float64Array.from(curves.validation) : undefined,
    bestRound,
    stopped,
    trainRows: train.rows.length,
    validationRows: validation.rows.length,
  }
}
