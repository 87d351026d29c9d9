import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Anchor, type Stage, STAGES } from '@breakwater/features'
import { metadataFile, sha256 } from '@breakwater/trees/node'
import { indexFiles, recordOfIndexFile } from '../names.ts'

/** Where models are, and which of them to serve. */
export interface ModelPlace {
  /** Folder of the bundles, VIEWPORT_MODEL_DIR. */
  readonly modelDir: string
  /** An index file, its folder, or null for none; VIEWPORT_RETRIEVAL_INDEX. */
  readonly indexPath: string | null
  readonly ablation: string
  readonly timeframe: Anchor
}

/** Path of a stage's metadata, which is written after all that it lists. */
export const metadataPath = ({ modelDir, ablation }: ModelPlace, stage: Stage): string =>
  join(modelDir, metadataFile(stage, ablation))

/**
 * The JSON beside an index of a stage, which names the index and its hash. A path that is no folder names one index,
 * which serves the stage that its JSON names; null where the stage has none.
 */
export function indexRecordPath({ indexPath, ablation, timeframe }: ModelPlace, stage: Stage): string | null {
  if (indexPath === null) return null
  if (existsSync(indexPath) && statSync(indexPath).isDirectory()) {
    const path = join(indexPath, indexFiles({ stage, ablation }, timeframe).record)
    return existsSync(path) ? path : null
  }
  return recordOfIndexFile(indexPath)
}

/** A fingerprint of the files: the hashes of the files that list them; null where a file is absent. */
export async function fingerprint(place: ModelPlace): Promise<string> {
  const paths = STAGES.flatMap((stage) => [metadataPath(place, stage), indexRecordPath(place, stage)])
  const hashes = await Promise.all(paths.map(hashOf))
  return hashes.join(' ')
}

/** SHA-256 of a file; null without one. */
async function hashOf(path: string | null): Promise<string | null> {
  return path === null || !existsSync(path) ? null : sha256(await readFile(path))
}
