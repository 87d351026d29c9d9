import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listedFile } from '@breakwater/formats/node'
import type { Bundle } from '@breakwater/trees'
import { type BundleMetadata, loadBundles, loadMetadata, metadataFile } from '@breakwater/trees/node'
import { loadLaw } from '../law/files.ts'
import type { SetLaw } from '../law/forecaster.ts'
import { type SetName, setOfMetadataFile } from '../names.ts'
import { parseDetails, type TrainingDetails } from './details.ts'
import { readPredictions } from './predictions-file.ts'
import type { Predictions } from './predictions.ts'

/** A trained set as it was written, every file checked against its hash. */
export interface TrainedSet {
  readonly details: TrainingDetails
  /** By head, in the metadata's order. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Heads that training skipped. */
  readonly skipped: readonly { readonly head: string; readonly reason: string }[]
  /** Of the last fold; null where none was fitted. */
  readonly law: SetLaw | null
  readonly predictions: Predictions
  readonly metadata: BundleMetadata
  /** Path of the metadata. */
  readonly metadataFile: string
}

/** Which sets of a folder are wanted; undefined and "all" take every one. */
export interface SetFilter {
  readonly stages?: readonly string[] | undefined
  readonly ablations?: readonly string[] | undefined
}

/** The sets in a folder that `wanted` names, by file name; "model bundle missing" where there is none. */
export function findSets(folder: string, wanted: SetFilter): SetName[] {
  const found = existsSync(folder)
    ? readdirSync(folder)
        .toSorted()
        .flatMap((file) => setOfMetadataFile(file) ?? [])
    : []
  const chosen = found.filter(
    ({ stage, ablation }) => isWanted(wanted.stages, stage) && isWanted(wanted.ablations, ablation),
  )
  if (chosen.length > 0) return chosen
  const there = found.map(({ stage, ablation }) => `${stage} ${ablation}`).join(', ')
  throw new Error(
    `models: ${folder}: model bundle missing${there === '' ? '' : ` (there are: ${there})`}. Run \`breakwater train\` first, or name another folder.`,
  )
}

const isWanted = (names: readonly string[] | undefined, name: string): boolean =>
  names === undefined || names.includes('all') || names.includes(name)

/** Loads one set with its predictions. */
export async function loadSet(folder: string, { stage, ablation }: SetName): Promise<TrainedSet> {
  const { metadata, bundles, skipped } = await loadBundles(folder, { stage, ablation })
  const file = join(folder, metadataFile(stage, ablation))
  const details = parseDetails(metadata.details, file)
  const path = listedFile(folder, details.predictions.file)
  if (!existsSync(path)) {
    throw new Error(`models: ${path}: the predictions are missing. Train again, or restore the file.`)
  }
  const predictions = await readPredictions(path, details.predictions.sha256)
  const law = await loadSetLaw(folder, { stage, ablation }, details)
  return { details, bundles, skipped, law, predictions, metadata, metadataFile: file }
}

/** The law that a set's metadata lists, its files checked as `loadLaw` does; null where it lists none. */
export async function loadSetLaw(
  folder: string,
  name: SetName,
  { law }: Pick<TrainingDetails, 'law'>,
): Promise<SetLaw | null> {
  if (law === null || law.file === null || law.sha256 === null) return null
  return loadLaw(dirname(listedFile(folder, law.file)), name, law.sha256)
}

/** The metadata of a set, without reading its models. */
export async function loadDetails(folder: string, { stage, ablation }: SetName): Promise<TrainingDetails> {
  const { metadata } = await loadMetadata(folder, stage, ablation)
  return parseDetails(metadata.details, join(folder, metadataFile(stage, ablation)))
}
