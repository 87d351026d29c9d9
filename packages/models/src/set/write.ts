import { join } from 'node:path'
import { writeBundles } from '@breakwater/trees/node'
import { predictionsFile } from '../names.ts'
import { type SetDescription, toJson } from './describe.ts'
import type { TrainingDetails } from './details.ts'
import { writePredictions } from './predictions-file.ts'

/** A set on disk. */
export interface SetFiles {
  /** Path of the metadata, which lists and hashes the others. */
  readonly metadata: string
  readonly details: TrainingDetails
}

/** Writes the predictions of all folds, the bundles, and last the metadata that lists them. */
export async function writeSet(folder: string, set: SetDescription, timestamp: string): Promise<SetFiles> {
  const { stage, ablation, data } = set.details
  const file = predictionsFile(set.details)
  const path = join(folder, file)
  const sha256 = await writePredictions(path, set.predictions, { 'breakwater.data_hash': data.hash })
  const predictions = { file, sha256, role: set.predictions.role }
  const details: TrainingDetails = { ...set.details, predictions }
  const metadata = await writeBundles(folder, {
    stage,
    ablation,
    timestamp,
    bundles: [...set.bundles.values()],
    skipped: set.skipped,
    details: toJson(details),
  })
  return { metadata, details }
}
