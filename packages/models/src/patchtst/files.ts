import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import type { EpochReport, PatchTstConfig, TrainResult } from '@breakwater/patchtst'
import { saveModel } from '@breakwater/patchtst'
import type { HeadMetrics } from '../fit/head-metrics.ts'
import type { ModelRecord } from './record.ts'
import { RECORD_KEY } from './record.ts'

/** What stands in patchtst.json, beside the model file. */
export interface TrainingRecord {
  readonly record: ModelRecord
  readonly config: PatchTstConfig
  /** Settings of the training, as given or by default. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly files: { readonly train: readonly string[]; readonly validation: readonly string[] }
  readonly model: { readonly file: string; readonly sha256: string }
  readonly weights: { readonly file: string; readonly sha256: string }
  readonly device: string
  readonly threads: number
  readonly bestEpoch: number
  readonly history: readonly EpochReport[]
  /** Of the best epoch. Validation chose that epoch: these flatter. */
  readonly validation: Readonly<Record<string, HeadMetrics>>
}

/** The places of a model's files. */
export interface ModelPlace {
  readonly folder: string
  readonly model: string
  readonly json: string
  readonly checkpoint: string
}

/** Where the model called `name` lies in a folder; throws on a name that is not a file name. */
export function modelPlace(folder: string, name: string): ModelPlace {
  if (!/^\w[\w.-]*$/.test(name)) {
    throw new Error(`models: name ${name}: must be a file name of letters, digits, _ . -. Name the folder apart.`)
  }
  const at = (suffix: string): string => join(folder, `${name}${suffix}`)
  return { folder, model: at('.onnx'), json: at('.json'), checkpoint: at('.checkpoint') }
}

/** Makes the folder; a checkpoint that is not to be continued is removed. */
export async function preparePlace({ folder, checkpoint }: ModelPlace, resume: boolean): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (!resume) await rm(checkpoint, { force: true })
}

/** A PatchTST model on disk: paths of its files, and its record. */
export interface PatchTstFiles {
  readonly model: string
  readonly weights: string
  readonly json: string
  readonly details: TrainingRecord
}

/** Writes the model, then the JSON that names its hash, and removes the checkpoint, which nothing needs any more. */
export async function saveTraining(
  place: ModelPlace,
  result: TrainResult,
  about: Pick<TrainingRecord, 'record' | 'settings' | 'files' | 'validation'>,
): Promise<PatchTstFiles> {
  const { onnx, weights } = await saveModel(place.model, result.model, { [RECORD_KEY]: JSON.stringify(about.record) })
  const { device, threads, bestEpoch, history } = result
  const details: TrainingRecord = {
    ...about,
    config: result.model.config,
    model: { file: basename(onnx.path), sha256: onnx.sha256 },
    weights: { file: basename(weights.path), sha256: weights.sha256 },
    device,
    threads,
    bestEpoch,
    history,
  }
  await replaceFile(place.json, `${JSON.stringify(details, null, 2)}\n`)
  await rm(place.checkpoint, { force: true })
  return { model: onnx.path, weights: weights.path, json: place.json, details }
}
