import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathInVersion } from '@breakwater/formats'
import { publishVersion, type VersionContent } from '@breakwater/formats/node'
import type { EpochReport, PatchTstConfig, TrainResult } from '@breakwater/patchtst'
import { saveModel } from '@breakwater/patchtst'
import { sha256 } from '@breakwater/trees/node'
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
  /** Path of the folder that holds this version's files and no others. */
  readonly version: string
  readonly details: TrainingRecord
}

/** What is written beside a trained model. */
export interface SaveOptions extends Pick<TrainingRecord, 'record' | 'settings' | 'files' | 'validation'> {
  /** Versions of the model that stay, this one included; default 3. */
  readonly keepVersions?: number | undefined
}

/**
 * Publishes the model and the JSON that names its hash as a version, and removes the checkpoint, which nothing needs any more.
 */
export async function saveTraining(
  place: ModelPlace,
  result: TrainResult,
  { keepVersions: keep, ...about }: SaveOptions,
): Promise<PatchTstFiles> {
  let details: TrainingRecord | undefined
  const write = async (staging: string): Promise<VersionContent> => {
    const written = await writeModel(join(staging, basename(place.model)), result, about)
    const id = sha256(new TextEncoder().encode(textOf(written))).slice(0, ID_LENGTH)
    details = inVersion(written, id)
    return { id, files: [written.model.file, written.weights.file], pointer: textOf(details) }
  }
  const version = await publishVersion(place.folder, { pointer: basename(place.json), write, keep })
  if (details === undefined) throw new Error('models: the model was published without being written')
  await rm(place.checkpoint, { force: true })
  const weights = join(place.folder, basename(details.weights.file))
  return { model: place.model, weights, json: place.json, version, details }
}

/** Hex digits of a version's id. */
const ID_LENGTH = 16

const textOf = (details: TrainingRecord): string => `${JSON.stringify(details, null, 2)}\n`

const inVersion = (details: TrainingRecord, id: string): TrainingRecord => ({
  ...details,
  model: { ...details.model, file: pathInVersion(id, details.model.file) },
  weights: { ...details.weights, file: pathInVersion(id, details.weights.file) },
})

async function writeModel(
  path: string,
  { model, device, threads, bestEpoch, history }: TrainResult,
  about: Omit<SaveOptions, 'keepVersions'>,
): Promise<TrainingRecord> {
  const { onnx, weights } = await saveModel(path, model, { [RECORD_KEY]: JSON.stringify(about.record) })
  return {
    ...about,
    config: model.config,
    model: { file: basename(onnx.path), sha256: onnx.sha256 },
    weights: { file: basename(weights.path), sha256: weights.sha256 },
    device,
    threads,
    bestEpoch,
    history,
  }
}
