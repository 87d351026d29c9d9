import type { PatchTstConfig } from '../config.ts'
import type { UsedDevice } from '../engine/device.ts'
import { weightLayout } from '../network/layout.ts'
import { lossNames } from '../network/loss.ts'
import type { EpochReport, StepReport } from '../options.ts'
import type { Team } from '../team.ts'
import type { FedData } from './feed.ts'
import { hiddenCount } from './hidden-patches.ts'
import type { ClassFactors } from './labels.ts'
import type { UpdatePart } from './member.ts'
import { shuffleInto, streamKey } from './random.ts'
import { learningRateAt } from './schedule.ts'
import type { Schedule } from './schedule.ts'
import type { TrainingState } from './state.ts'

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

/** All that the loop over epochs works with. */
export interface Run {
  readonly plan: FitPlan
  readonly setting: FitSetting
  readonly state: TrainingState
  readonly team: Team
  readonly train: FedData
  readonly validation: FedData | undefined
}

const ORDER_STREAM = 3
/** Share of a batch's statistics that enters the running ones, as in PyTorch. */
const MOMENTUM = 0.1

/** One pass over the training samples in a seeded order: the mean loss, dropout included, and the last learning rate. */
export async function trainEpoch(run: Run, epoch: number): Promise<Pick<EpochReport, 'trainLoss' | 'learningRate'>> {
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

/** The mean of every loss over the validation data's labels, without the losses' factors. */
export async function validate({ plan, setting, state, team }: Run, validation: FedData): Promise<number[]> {
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
