import { availableParallelism } from 'node:os'
import { checkCount, checkOneOf, checkRange } from './checks.ts'
import type { PatchTstConfig } from './config.ts'
import { DEVICES } from './engine/device.ts'
import { findDevice } from './engine/session.ts'
import { lossNames } from './network/loss.ts'
import type { FitOptions, LossWeights } from './options.ts'
import type { TrainingData } from './sequence-set.ts'
import type { FitPlan, FitSetting } from './training/epoch.ts'
import type { ClassFactors } from './training/labels.ts'
import { LANES, MICRO_BATCH } from './training/micro-batches.ts'

/** What training and pre-training decide differently. */
export interface FitSpecials {
  readonly lossWeights: LossWeights
  readonly classFactors: ClassFactors
  readonly headEpochs: number
  readonly maskRatio: number
}

const SCHEDULES = ['constant', 'cosine', 'one-cycle']

/** A checked plan for data, and what it runs with. Looks for the device, which may be an error. */
export async function resolveFit(
  config: PatchTstConfig,
  train: TrainingData,
  options: FitOptions,
  { lossWeights, ...specials }: FitSpecials,
): Promise<{ plan: FitPlan; setting: FitSetting }> {
  const { epochs = 100, batchSize = 128, learningRate = 3e-4, weightDecay = 0.01, schedule = 'cosine' } = options
  const { warmup = schedule === 'one-cycle' ? 0.3 : 0.05, clipNorm = 1, patience = 10, seed = 7 } = options
  const { threads = availableParallelism(), device = 'cpu', checkpoint, signal, onEpoch, onStep } = options
  for (const [name, value] of Object.entries({ epochs, batchSize, patience, threads })) checkCount(name, value, 1)
  checkRange('learningRate', learningRate, 0, Infinity, true)
  for (const [name, value] of Object.entries({ weightDecay, clipNorm })) checkRange(name, value, 0, Infinity)
  checkRange('warmup', warmup, 0, 1)
  for (const name of ['direction', 'strength', 'reach', 'forecast'] as const) {
    checkRange(`lossWeights.${name}`, lossWeights[name] ?? 1, 0, Infinity)
  }
  checkCount('headEpochs', specials.headEpochs, 0)
  checkOneOf('schedule', schedule, SCHEDULES)
  checkOneOf('device', device, DEVICES)
  if (!Number.isSafeInteger(seed)) throw new RangeError(`patchtst: seed=${seed}: must be an integer.`)
  if (batchSize > train.samples) {
    throw new RangeError(
      `patchtst: batchSize=${batchSize}: ${train.source} has ${train.samples} samples, fewer than a batch. Pass more data or a smaller batch.`,
    )
  }
  const used = await findDevice(device)
  const steps = epochs * Math.ceil(train.samples / batchSize)
  return {
    plan: {
      config,
      epochs,
      batchSize,
      weightDecay,
      schedule: { kind: schedule, peak: learningRate, steps, warmup },
      clipNorm,
      patience,
      seed,
      lossWeights: lossNames(config).map((name) => (name === 'reconstruct' ? 1 : (lossWeights[name] ?? 1))),
      ...specials,
      microBatch: used === 'cpu' ? MICRO_BATCH : batchSize,
    },
    setting: {
      device: used,
      threads: used === 'cpu' ? Math.min(threads, LANES) : 1,
      checkpoint,
      signal,
      onEpoch,
      onStep,
    },
  }
}
