import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadBundles, metadataFile, sha256 } from '@breakwater/trees/node'
import type { LoadedBundles } from '@breakwater/trees/node'
import { parseDetails } from '../training/details.ts'
import type { TrainingDetails } from '../training/details.ts'
import { readPredictions } from '../training/predictions.ts'
import type { Predictions } from '../training/predictions.ts'

/** Names of a trained set. */
export interface SetName {
  readonly stage: string
  readonly ablation: string
}

/** A trained set as it was written, every file checked against its hash. */
export interface TrainedSet {
  readonly details: TrainingDetails
  readonly bundles: LoadedBundles
  readonly predictions: Predictions
  readonly metadataFile: string
}

const METADATA = /^metadata_(stage_[ab])_(full|ta|mechanics)\.json$/

/** The sets in a folder that the request names, or all of them; "model bundle missing" where there is none. */
export function findSets(
  folder: string,
  wanted: { readonly stages?: readonly string[] | undefined; readonly ablations?: readonly string[] | undefined },
): SetName[] {
  const found = existsSync(folder)
    ? readdirSync(folder)
        .toSorted()
        .flatMap((file) => {
          const [, stage, ablation] = METADATA.exec(file) ?? []
          return stage === undefined || ablation === undefined ? [] : [{ stage, ablation }]
        })
    : []
  const chosen = found.filter(({ stage, ablation }) => asked(wanted.stages, stage) && asked(wanted.ablations, ablation))
  if (chosen.length > 0) return chosen
  const there = found.map(({ stage, ablation }) => `${stage} ${ablation}`).join(', ')
  throw new Error(
    `trainer: ${folder}: model bundle missing${there === '' ? '' : ` (there are: ${there})`}. Run \`trainer train\` first, or give the folder with --model-dir.`,
  )
}

function asked(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.includes('all') || names.includes(name)
}

/** Loads one set with its predictions. */
export async function loadSet(folder: string, name: SetName): Promise<TrainedSet> {
  const bundles = await loadBundles(folder, name)
  const file = join(folder, metadataFile(name.stage, name.ablation))
  const details = parseDetails(bundles.metadata.details, file)
  const path = join(folder, details.predictions.file)
  if (!existsSync(path))
    throw new Error(`trainer: ${path}: the predictions are missing. Train again, or restore the file.`)
  if (sha256(await readFile(path)) !== details.predictions.sha256) {
    throw new Error(
      `trainer: ${path}: its SHA-256 is not the one in the metadata: it was changed after training. Train again.`,
    )
  }
  return { details, bundles, predictions: (await readPredictions(path)).predictions, metadataFile: file }
}
