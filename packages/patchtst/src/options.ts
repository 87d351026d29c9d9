import type { ModelOptions, Tasks } from './config.ts'
import type { Device } from './engine/device.ts'
import type { PatchTstModel } from './model.ts'

/** How the learning rate moves: a step's place in all steps of the plan decides. */
export type ScheduleKind = 'constant' | 'cosine' | 'one-cycle'

/** Factors of the losses in their sum. Default 1 each. */
export interface LossWeights {
  readonly direction?: number
  readonly strength?: number
  readonly reach?: number
  readonly forecast?: number
}

/** What an epoch gave. Losses are means over samples that have the label, of the whole set. */
export interface EpochReport {
  /** 1 for the first. */
  readonly epoch: number
  readonly epochs: number
  /** The weighted sum of the losses while training, dropout included. */
  readonly trainLoss: number
  /** The weighted sum on the validation data, without dropout; undefined where there is none. */
  readonly validationLoss: number | undefined
  /** The validation losses apart, without the factors of the losses; classes count as in training. */
  readonly validationLosses: Readonly<Record<string, number>>
  /** After the epoch's last step. */
  readonly learningRate: number
  /** Whether this epoch's weights are the best so far. */
  readonly best: boolean
}

/** What a step gave. */
export interface StepReport {
  /** Steps done, of all epochs. */
  readonly step: number
  readonly steps: number
  readonly epoch: number
  /** The weighted sum of the losses of the batch, dropout included. */
  readonly loss: number
}

/** Settings that training and pre-training share. */
export interface FitOptions {
  readonly model?: ModelOptions
  /** Default 100. */
  readonly epochs?: number
  /** Default 128; not more than the samples. */
  readonly batchSize?: number
  /** Highest learning rate. Default 3e-4. */
  readonly learningRate?: number
  /** AdamW's, of matrices alone. Default 0.01. */
  readonly weightDecay?: number
  /** Default 'cosine'. */
  readonly schedule?: ScheduleKind
  /** Share of all steps in which the rate rises, in [0, 1). Default 0.05, for 'one-cycle' 0.3. */
  readonly warmup?: number
  /** Longest gradient; longer ones are shortened. 0 for no limit. Default 1. */
  readonly clipNorm?: number
  /** Epochs without a better validation loss after which training ends. Default 10. */
  readonly patience?: number
  /** Default 7. */
  readonly seed?: number
  /** Default 'cpu'. */
  readonly device?: Device
  /** Worker threads, each with a session of one thread. The result does not depend on it. Default: one per processor. */
  readonly threads?: number
  /** File in which the state is kept after every epoch; an existing one is continued, to the same bits. */
  readonly checkpoint?: string
  readonly signal?: AbortSignal
  readonly onEpoch?: (report: EpochReport) => void
  readonly onStep?: (report: StepReport) => void
}

/** Settings of {@link trainPatchTst}. */
export interface TrainOptions extends FitOptions {
  readonly tasks: Tasks
  readonly lossWeights?: LossWeights
  /** Of break and bounce: 'balanced' by the training counts, or equal. Default 'none'. */
  readonly classWeights?: 'balanced' | 'none'
  /** A model whose weights are taken over where name and shape fit: a pre-trained one. */
  readonly initial?: PatchTstModel
  /** First epochs in which only the heads learn. Default 0. */
  readonly headEpochs?: number
}

/** Settings of {@link pretrainPatchTst}. */
export interface PretrainOptions extends FitOptions {
  /** Share of patches that are hidden, in (0, 1). Default 0.4. */
  readonly maskRatio?: number
}

/** A trained model and how it came about. */
export interface TrainResult {
  /** Of the best epoch by validation loss; of the last one where there is no validation data. */
  readonly model: PatchTstModel
  readonly history: readonly EpochReport[]
  /** 1 for the first. */
  readonly bestEpoch: number
  /** Where it ran. */
  readonly device: string
  readonly threads: number
}
