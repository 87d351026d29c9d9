import type { PatchTstConfig } from '../config.ts'
import type { UsedDevice } from '../engine/session.ts'
import { lossNames } from '../network/loss.ts'
import { weightLayout } from '../network/layout.ts'
import type { PatchTstModel } from '../model.ts'
import type { EpochReport, StepReport } from '../options.ts'
import { isFullyObserved, isSeries } from '../sequence-set.ts'
import type { TrainingData } from '../sequence-set.ts'
import { fingerprintOf, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import type { BestWeights, Progress } from './checkpoint.ts'
import type { FedData } from './feed.ts'
import { hiddenCount, patchCover } from './hidden-patches.ts'
import { labelWeights } from './labels.ts'
import type { ClassFactors, LabelWeights } from './labels.ts'
import { microBatches } from './micro-batches.ts'
import type { UpdatePart } from './member.ts'
import { shuffleInto, streamKey } from './random.ts'
import { learningRateAt } from './schedule.ts'
import type { Schedule } from './schedule.ts'
import { createState } from './state.ts'
import type { TrainingState } from './state.ts'
import { startTeam } from '../team.ts'
import type { Team } from '../team.ts'

/** A checked plan of a training: all that decides its numbers but the data and the first weights. */
export interface FitPlan {
  readonly config: PatchTstConfig
  readonly epochs: number
  readonly batchSize: number
  readonly weightDecay: number
  readonly schedule: Schedule
  readonly clipNorm: number
  readonly patience: number
  readonly seed: number
  /** Factors of the losses, in their order. */
  readonly lossWeights: readonly number[]
  readonly classFactors: ClassFactors
  readonly headEpochs: number
  readonly maskRatio: number
  readonly microBatch: number
}

/** What a training runs with, which does not change its numbers. */
export interface FitSetting {
  readonly device: UsedDevice
  readonly threads: number
  readonly checkpoint: string | undefined
  readonly signal: AbortSignal | undefined
  readonly onEpoch: ((report: EpochReport) => void) | undefined
  readonly onStep: ((report: StepReport) => void) | undefined
}

/** What came of it. */
export interface FitOutcome {
  readonly model: PatchTstModel
  readonly history: readonly EpochReport[]
  readonly bestEpoch: number
}

const ORDER_STREAM = 3
/** Share of a batch's statistics that enters the running ones, as in PyTorch. */
const MOMENTUM = 0.1

/** All that the loop over epochs works with. */
interface Run {
  readonly plan: FitPlan
  readonly setting: FitSetting
  readonly state: TrainingState
  readonly team: Team
  readonly train: FedData
  readonly validation: FedData | undefined
}

/** Trains from a model's weights; `start` itself is not changed. */
export async function fit(
  plan: FitPlan,
  setting: FitSetting,
  start: PatchTstModel,
  train: TrainingData,
  validation: TrainingData | undefined,
): Promise<FitOutcome> {
  const { config, microBatch, seed, maskRatio } = plan
  const evaluations = validation === undefined ? 0 : microBatches(validation.samples, microBatch).length
  const state = createState(config, train.samples, evaluations)
  state.weights.set(start.weights)
  state.statistics.set(start.statistics)
  const { checkpoint } = setting
  const fingerprint = checkpoint === undefined ? '' : fingerprintOf(plan, start.weights, [train, validation])
  const before = checkpoint === undefined ? undefined : loadCheckpoint(checkpoint, fingerprint, state)
  const fed = (data: TrainingData): FedData => feedable(config, share(data, setting.threads), plan.classFactors)
  const [trainFed, validationFed] = [fed(train), validation && fed(validation)]
  const masked = !(isFullyObserved(train) && (validation === undefined || isFullyObserved(validation)))
  const team = startTeam({
    config,
    scaling: { staticMean: start.staticMean, staticScale: start.staticScale },
    device: setting.device,
    masked,
    state,
    train: trainFed,
    validation: validationFed,
    threads: setting.threads,
    microBatch,
    seed,
    maskRatio,
  })
  try {
    const run = { plan, setting, state, team, train: trainFed, validation: validationFed }
    const progress = await epochs(run, before, async (so) => {
      if (checkpoint !== undefined) await saveCheckpoint(checkpoint, fingerprint, state, so)
    })
    const bestEpoch = progress.history.findLast(({ best }) => best)?.epoch ?? 0
    return { model: { ...start, ...progress.best }, history: progress.history, bestEpoch }
  } finally {
    await team.close()
  }
}

async function epochs(
  run: Run,
  before: Progress | undefined,
  keep: (progress: Progress) => Promise<void>,
): Promise<Progress> {
  const { plan, setting, state, validation } = run
  const history = [...(before?.history ?? [])]
  let best: BestWeights = before?.best ?? copyOf(state)
  while (history.length < plan.epochs && !isStuck(history, plan.patience)) {
    const epoch = history.length + 1
    const trained = await trainEpoch(run, epoch)
    const losses = validation === undefined ? undefined : await validate(run, validation)
    const validationLoss = losses?.reduce((sum, loss, i) => sum + loss * (plan.lossWeights[i] ?? 1), 0)
    const isBest = validationLoss === undefined || validationLoss < lowest(history)
    if (isBest) best = copyOf(state)
    const named = Object.fromEntries(lossNames(plan.config).map((name, i) => [name, losses?.[i] ?? Number.NaN]))
    const report: EpochReport = {
      epoch,
      epochs: plan.epochs,
      ...trained,
      validationLoss,
      validationLosses: losses === undefined ? {} : named,
      best: isBest,
    }
    history.push(report)
    await keep({ history, best })
    setting.onEpoch?.(report)
  }
  return { history, best }
}

function lowest(history: readonly EpochReport[]): number {
  return Math.min(Infinity, ...history.map(({ validationLoss }) => validationLoss ?? Infinity))
}

function isStuck(history: readonly EpochReport[], patience: number): boolean {
  return history.length > patience && history.slice(-patience).every(({ best }) => !best)
}

function copyOf({ weights, statistics }: TrainingState): BestWeights {
  return { weights: Float32Array.from(weights), statistics: Float32Array.from(statistics) }
}

async function trainEpoch(run: Run, epoch: number): Promise<Pick<EpochReport, 'trainLoss' | 'learningRate'>> {
  const { plan, setting, state, train } = run
  shuffleInto(state.order, streamKey(plan.seed, ORDER_STREAM, epoch))
  const { samples } = train.data
  const perEpoch = Math.ceil(samples / plan.batchSize)
  let total = 0
  for (let batch = 0; batch < perEpoch; batch++) {
    setting.signal?.throwIfAborted()
    const step = (epoch - 1) * perEpoch + batch
    const from = batch * plan.batchSize
    const count = Math.min(plan.batchSize, samples - from)
    const loss = await trainStep(run, step, perEpoch, from, count)
    total += loss * count
    if (!Number.isFinite(loss)) throw lossError(loss, step)
    setting.onStep?.({ step: step + 1, steps: plan.schedule.steps, epoch, loss })
  }
  return { trainLoss: total / samples, learningRate: learningRateAt(plan.schedule, epoch * perEpoch - 1) }
}

function lossError(loss: number, step: number): Error {
  return new Error(
    `patchtst: the loss of step ${step + 1} is ${loss}: training has diverged. Lower the learning rate, or set clipNorm.`,
  )
}

async function trainStep(run: Run, step: number, perEpoch: number, from: number, count: number): Promise<number> {
  const { plan, state, team } = run
  const rows = state.order.subarray(from, from + count)
  await team.work({ kind: 'gradients', step, from, count, factors: factorsOf(plan, run.train, rows) })
  await team.work({ kind: 'reduce' })
  await team.work({ kind: 'update', parts: updateParts(plan, state, step, perEpoch) })
  moveStatistics(state)
  return state.losses.reduce((sum, lane) => sum + lane.reduce((so, loss) => so + loss, 0), 0)
}

/** What a label of weight 1 counts: the loss's factor over the weights of all labels in the batch. */
function factorsOf(
  { config, lossWeights, maskRatio }: FitPlan,
  { data, labels, cover }: FedData,
  rows: Int32Array,
): number[] {
  const masses = labels.map(({ mass }) => rows.reduce((sum, row) => sum + (mass[row] ?? 0), 0))
  if (cover !== undefined) masses.push(hiddenMass(config, { data, labels, cover }, rows, maskRatio))
  return masses.map((mass, i) => (mass > 0 ? (lossWeights[i] ?? 1) / mass : 0))
}

/** Steps of patches that are hidden in these samples. */
function hiddenMass(
  { channels, patchLength }: PatchTstConfig,
  { cover }: FedData,
  rows: Iterable<number>,
  ratio: number,
): number {
  let hidden = 0
  for (const row of rows) {
    const count = cover?.count ?? 0
    const own = cover?.observed?.subarray(row * count, (row + 1) * count)
    hidden += hiddenCount(own === undefined ? count : own.reduce((sum, one) => sum + one, 0), ratio)
  }
  return hidden * channels * patchLength
}

function updateParts(
  plan: FitPlan,
  { gradient, squares }: TrainingState,
  step: number,
  perEpoch: number,
): UpdatePart[] {
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
  const scale = plan.clipNorm > 0 && norm > plan.clipNorm ? plan.clipNorm / norm : 1
  const common = { learningRate: learningRateAt(plan.schedule, step), weightDecay: plan.weightDecay, scale }
  const { headOffset } = weightLayout(plan.config)
  const frozen = plan.headEpochs * perEpoch
  const heads = { ...common, from: headOffset, to: gradient.length, t: step + 1 }
  return step < frozen ? [heads] : [{ ...common, from: 0, to: headOffset, t: step + 1 - frozen }, heads]
}

function moveStatistics({ statistics, gradient, lanes }: TrainingState): void {
  for (let i = 0; i < statistics.length; i++) {
    let batch = 0
    for (const lane of lanes) batch += lane[gradient.length + i] ?? 0
    statistics[i] = (1 - MOMENTUM) * (statistics[i] ?? 0) + MOMENTUM * batch
  }
}

/** The mean of every loss over the validation data's labels, unweighted. */
async function validate({ plan, setting, state, team }: Run, validation: FedData): Promise<number[]> {
  setting.signal?.throwIfAborted()
  await team.work({ kind: 'evaluate' })
  const names = lossNames(plan.config)
  const all = Int32Array.from({ length: validation.data.samples }, (_, row) => row)
  const masses = validation.labels.map(({ mass }) => mass.reduce((sum, one) => sum + one, 0))
  if (validation.cover !== undefined) masses.push(hiddenMass(plan.config, validation, all, plan.maskRatio))
  return names.map((_, loss) => {
    let sum = 0
    for (let i = loss; i < state.evaluated.length; i += names.length) sum += state.evaluated[i] ?? 0
    return sum / (masses[loss] || Number.NaN)
  })
}

function feedable(config: PatchTstConfig, data: TrainingData, classFactors: ClassFactors): FedData {
  const labels: LabelWeights[] = labelWeights(config, data, classFactors)
  return { data, labels, cover: config.tasks.reconstruct === true ? patchCover(config, data) : undefined }
}

/** The same data in memory that threads share; for one thread, as they are. */
function share(data: TrainingData, threads: number): TrainingData {
  if (threads === 1) return data
  if (isSeries(data)) return { ...data, series: sharedFloats(data.series) }
  const mask = new Uint8Array(new SharedArrayBuffer(data.mask.length))
  mask.set(data.mask)
  return { ...data, mask, x: sharedFloats(data.x), staticValues: sharedFloats(data.staticValues) }
}

function sharedFloats(array: Float32Array): Float32Array {
  if (array.buffer instanceof SharedArrayBuffer) return array
  const copy = new Float32Array(new SharedArrayBuffer(array.byteLength))
  copy.set(array)
  return copy
}
