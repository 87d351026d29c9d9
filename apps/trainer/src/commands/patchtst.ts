import type { Device, LossWeights, ScheduleKind } from '@breakwater/patchtst'
import type { Context } from '../context.ts'
import { readInput } from '../patchtst/input.ts'
import { TASKS, trainOnSequences } from '../patchtst/train.ts'
import type { PatchTstRequest, TaskName } from '../patchtst/train.ts'
import { patchTstText } from '../patchtst/text.ts'
import { createProgress } from '../progress.ts'
import { aboutPatchTst, followEpochs, recordPatchTst } from '../tracking/patchtst.ts'
import type { TrackingFlags } from '../tracking/option.ts'
import { openTracking } from '../tracking/tracking.ts'

/** Options of `trainer patchtst` as commander gives them. */
export interface PatchTstFlags extends TrackingFlags {
  readonly trainFiles: readonly string[]
  readonly valFiles?: readonly string[]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly schedule: ScheduleKind
  readonly warmup?: number
  readonly clipNorm: number
  readonly patience: number
  readonly tasks?: readonly TaskName[]
  readonly lossWeights?: LossWeights
  readonly classWeights: 'balanced' | 'none'
  readonly pretrainEpochs: number
  readonly headEpochs: number
  readonly patchLength: number
  readonly stride: number
  readonly layers: number
  readonly width: number
  readonly attentionHeads: number
  readonly feedForward: number
  readonly dropout: number
  readonly norm: 'batch' | 'layer'
  readonly device: Device
  readonly threads?: number
  readonly seed: number
  readonly resume?: boolean
  readonly outputDir: string
  readonly name: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer patchtst`. */
export async function runPatchTst(context: Context, flags: PatchTstFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const tracking = openTracking(context, progress, flags)
  const request = requestOf(flags)
  const input = await readInput(context, request)
  const saved = await tracking.run(aboutPatchTst(request, input), async (run) => {
    const follow = followEpochs(run)
    const trained = await trainOnSequences(context, progress, request, input, follow)
    await follow.settled()
    await recordPatchTst(run, context.cwd, trained)
    return trained
  })
  const { details, ...written } = saved
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ written, ...details }, null, 2)}\n`)
  else context.terminal.out(patchTstText(saved))
}

function requestOf(flags: PatchTstFlags): PatchTstRequest {
  const { epochs, batchSize, learningRate, weightDecay, schedule, warmup, clipNorm, patience, seed } = flags
  const { patchLength, stride, layers, width, attentionHeads, feedForward, dropout, norm } = flags
  return {
    trainFiles: flags.trainFiles,
    valFiles: flags.valFiles,
    tasks: flags.tasks ?? TASKS,
    model: { patchLength, stride, layers, width, heads: attentionHeads, feedForward, dropout, norm },
    fit: {
      epochs,
      batchSize,
      learningRate,
      weightDecay,
      schedule,
      clipNorm,
      patience,
      seed,
      device: flags.device,
      ...(warmup === undefined ? {} : { warmup }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    },
    classWeights: flags.classWeights,
    lossWeights: flags.lossWeights ?? {},
    pretrainEpochs: flags.pretrainEpochs,
    headEpochs: flags.headEpochs,
    resume: flags.resume === true,
    outputDir: flags.outputDir,
    name: flags.name,
  }
}
