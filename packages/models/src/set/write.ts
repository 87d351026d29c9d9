import { pathInVersion } from '@breakwater/formats'
import { join } from 'node:path'
import { publishVersion, type VersionContent } from '@breakwater/formats/node'
import {
  type BundleMetadata,
  metadataFile,
  metadataText,
  sha256,
  withBundlePaths,
  writeBundleFiles,
} from '@breakwater/trees/node'
import { type LawFile, writeLaw } from '../law/files.ts'
import { predictionsFile } from '../names.ts'
import { type SetDescription, toJson } from './describe.ts'
import type { TrainingDetails } from './details.ts'
import type { LawRecord } from './law-record.ts'
import { writePredictions } from './predictions-file.ts'

/** A set on disk. */
export interface SetFiles {
  /** Path of the metadata, which lists and hashes the others. */
  readonly metadata: string
  readonly details: TrainingDetails
  /** Path of the folder that holds this version of the set. */
  readonly version: string
}

/** How a set is written. */
export interface WriteSetOptions {
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** Versions of the set that stay, this one included; default 3. */
  readonly keepVersions?: number | undefined
}

/** Hex digits of a version's id. */
const ID_LENGTH = 16

/**
 * Publishes the bundles, the law, the predictions of all folds and the metadata that lists them as a version, see `publishVersion` of
 * formats: readers see the set that was there or this one. The caller holds the folder's lock.
 */
export async function writeSet(
  folder: string,
  set: SetDescription,
  { timestamp, keepVersions: keep }: WriteSetOptions,
): Promise<SetFiles> {
  const { stage, ablation } = set.details
  const pointer = metadataFile(stage, ablation)
  let details: TrainingDetails | undefined
  const write = async (staging: string): Promise<VersionContent> => {
    const written = await writeFiles(staging, set, timestamp)
    const id = sha256(new TextEncoder().encode(metadataText(written.metadata))).slice(0, ID_LENGTH)
    details = inVersion(written.details, id)
    const listed = withBundlePaths(written.metadata, (file) => pathInVersion(id, file))
    return { id, files: written.files, pointer: metadataText({ ...listed, details: toJson(details) }) }
  }
  const version = await publishVersion(folder, { pointer, write, keep })
  if (details === undefined) throw new Error('models: the set was published without being written')
  return { metadata: join(folder, pointer), details, version }
}

interface WrittenFiles {
  readonly metadata: BundleMetadata
  readonly details: TrainingDetails
  readonly files: readonly string[]
}

async function writeFiles(folder: string, set: SetDescription, timestamp: string): Promise<WrittenFiles> {
  const { stage, ablation, data } = set.details
  const file = predictionsFile(set.details)
  const hash = await writePredictions(join(folder, file), set.predictions, { 'breakwater.data_hash': data.hash })
  const law = set.law === null ? null : await writeLaw(folder, { stage, ablation }, set.law)
  const details: TrainingDetails = {
    ...set.details,
    law: withFile(set.details.law, law),
    predictions: { file, sha256: hash, role: set.predictions.role },
  }
  const metadata = await writeBundleFiles(folder, {
    stage,
    ablation,
    timestamp,
    bundles: [...set.bundles.values()],
    skipped: set.skipped,
    details: toJson(details),
  })
  const bundles = metadata.heads.flatMap((entry) => (entry.status === 'trained' ? [entry.file] : []))
  return { metadata, details, files: [...bundles, file, ...(law?.files ?? [])] }
}

function withFile(record: LawRecord | null, written: LawFile | null): LawRecord | null {
  if (record === null) return null
  return { ...record, file: written?.file ?? null, sha256: written?.sha256 ?? null }
}

const inVersion = (details: TrainingDetails, id: string): TrainingDetails => ({
  ...details,
  law: details.law === null ? null : { ...details.law, file: lawPath(id, details.law.file) },
  predictions: { ...details.predictions, file: pathInVersion(id, details.predictions.file) },
})

const lawPath = (id: string, file: string | null): string | null => (file === null ? null : pathInVersion(id, file))
