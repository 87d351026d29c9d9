import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  fitPatchTst,
  type PatchTstFiles,
  type PatchTstInput,
  type PatchTstPhase,
  type PatchTstSettings,
} from '@breakwater/models/patchtst'
import type { EpochReport } from '@breakwater/patchtst'
import { type Context, originOf } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { Progress, Step } from '@breakwater/command-line'
import { noteReplaced } from '../versions/replaced.ts'
import type { InputFiles } from './files.ts'

/** What to train, and where the model goes. */
export interface PatchTstRequest extends InputFiles, PatchTstSettings {
  readonly resume: boolean
  readonly outputDir: string
  readonly name: string
  readonly keepVersions: number
}

/** Reports of a training as it goes. */
export interface PatchTstEvents {
  readonly onEpoch: (report: EpochReport) => void
}

/** Parts of a step of progress. */
const PARTS = 1000

/** Trains PatchTST with progress, and names what was written as a person in the working folder would write it. */
export async function trainOnSequences(
  context: Context,
  progress: Progress,
  request: PatchTstRequest,
  input: PatchTstInput,
  events: PatchTstEvents,
): Promise<PatchTstFiles> {
  const { cwd, signal } = context
  const folder = absolute(cwd, request.outputDir)
  const { name, resume, keepVersions } = request
  await noteReplaced(context, progress, { folder, pointer: `${name}.json` })
  const files = await fitPatchTst(input, request, {
    folder,
    name,
    resume,
    keepVersions,
    origin: () => originOf(context),
    signal,
    ...followed(progress, request, events),
  }).catch((error: unknown) => {
    const checkpoint = join(folder, `${name}.checkpoint`)
    if (signal.aborted && existsSync(checkpoint)) {
      progress.note(`saved up to the last complete epoch: ${shown(cwd, checkpoint)}. Continue with --resume.`)
    }
    throw error
  })
  const { model, weights, json } = files
  return { ...files, model: shown(cwd, model), weights: shown(cwd, weights), json: shown(cwd, json) }
}

/** Shows each step of both trainings with its epoch and losses, and passes on the epochs of the second. */
function followed(
  progress: Progress,
  { pretrainEpochs, fit }: PatchTstRequest,
  { onEpoch }: PatchTstEvents,
): Pick<Parameters<typeof fitPatchTst>[2], 'onStep' | 'onEpoch' | 'onEnd'> {
  const steps = new Map<PatchTstPhase, Step>()
  let losses = ''
  const stepOf = (phase: PatchTstPhase): Step => {
    const step = steps.get(phase) ?? progress.step(`${phase} patchtst`, PARTS)
    if (!steps.has(phase)) losses = ''
    steps.set(phase, step)
    return step
  }
  return {
    onStep: (phase, { step: done, steps: all, epoch, loss }) => {
      const epochs = phase === 'train' ? fit.epochs : pretrainEpochs
      stepOf(phase).update((PARTS * done) / all, `epoch ${epoch}/${epochs} loss ${loss.toFixed(4)}${losses}`)
    },
    onEpoch: (phase, report) => {
      losses = `, validation ${report.validationLoss?.toFixed(4) ?? '-'}`
      if (phase === 'train') onEpoch(report)
    },
    onEnd: (phase, { history, bestEpoch }) => stepOf(phase).end(`${history.length} epochs, the best is ${bestEpoch}`),
  }
}
