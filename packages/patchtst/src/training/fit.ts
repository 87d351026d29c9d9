import type { PatchTstConfig } from '../config.ts'
import type { PatchTstModel } from '../model.ts'
import { lossNames } from '../network/loss.ts'
import type { EpochReport } from '../options.ts'
import { isFullyObserved, isSeries } from '../sequence-set.ts'
import type { TrainingData } from '../sequence-set.ts'
import { startTeam } from '../team.ts'
import { fingerprintOf, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import type { BestWeights, Progress } from './checkpoint.ts'
import { trainEpoch, validate } from './epoch.ts'
import type { FitPlan, FitSetting, Run } from './epoch.ts'
import type { FedData } from './feed.ts'
import { patchCover } from './hidden-patches.ts'
import { labelWeights } from './labels.ts'
import type { ClassFactors, LabelWeights } from './labels.ts'
import { microBatches } from './micro-batches.ts'
import { createState } from './state.ts'
import type { TrainingState } from './state.ts'

/** What came of it. */
export interface FitOutcome {
  readonly model: PatchTstModel
  readonly history: readonly EpochReport[]
  readonly bestEpoch: number
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
