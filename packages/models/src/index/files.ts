import { pathInVersion } from '@breakwater/formats'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { listedFile, publishVersion, type VersionContent } from '@breakwater/formats/node'
import { type Anchor, type Encoder, encoderFromJson, encoderToJson } from '@breakwater/features'
import { INDEX_VERSION, type RetrievalIndex } from '@breakwater/retrieval'
import { loadIndex, saveIndex } from '@breakwater/retrieval/node'
import { sha256 } from '@breakwater/trees/node'
import { indexFiles, type SetName } from '../names.ts'
import type { Origin } from '../set/describe.ts'
import { type IndexRecord, parseIndexRecord } from './record.ts'

/** An index with what is recorded of it. */
export interface IndexDescription<Evaluation = unknown> extends SetName {
  readonly anchor: Anchor
  readonly index: RetrievalIndex
  readonly encoder: Encoder
  /** Dates of the touches in the index. */
  readonly sessions: readonly string[]
  readonly data: IndexRecord['data']
  readonly evaluation: Evaluation
}

/** How an index is written. */
export interface WriteIndexOptions extends Origin {
  /** Versions of the index that stay, this one included; default 3. */
  readonly keepVersions?: number | undefined
}

/** Hex digits of a version's id. */
const ID_LENGTH = 16

/** Paths of both files of an index, and its record. */
export interface IndexOnDisk<Evaluation = unknown> {
  readonly index: string
  readonly json: string
  readonly record: IndexRecord<Evaluation>
}

/**
 * Publishes the index and the JSON that names its hash as a version, see `publishVersion` of formats: readers see the index that
 * was there or this one. The caller holds the folder's lock.
 */
export async function writeIndex<Evaluation>(
  folder: string,
  described: IndexDescription<Evaluation>,
  { keepVersions: keep, ...origin }: WriteIndexOptions,
): Promise<IndexOnDisk<Evaluation>> {
  const names = indexFiles(described, described.anchor)
  let record: IndexRecord<Evaluation> | undefined
  const write = async (staging: string): Promise<VersionContent> => {
    const { stage, ablation, anchor, sessions, data } = described
    const saved = await saveIndex(join(staging, names.index), described.index, {
      stage,
      ablation,
      anchor,
      signals_hash: data.hash,
      training_dates: JSON.stringify(sessions),
    })
    const written = recordOf(described, origin, { ...saved, file: names.index })
    const id = sha256(new TextEncoder().encode(textOf(written))).slice(0, ID_LENGTH)
    record = { ...written, file: pathInVersion(id, names.index) }
    return { id, files: [names.index], pointer: textOf(record) }
  }
  await publishVersion(folder, { pointer: names.record, write, keep })
  if (record === undefined) throw new Error('models: the index was published without being written')
  return { index: join(folder, names.index), json: join(folder, names.record), record }
}

const textOf = (record: IndexRecord): string => `${JSON.stringify(record, null, 2)}\n`

function recordOf<Evaluation>(
  { stage, ablation, anchor, index, sessions, data, evaluation, encoder }: IndexDescription<Evaluation>,
  { timestamp, gitSha, libraryVersion }: Origin,
  { file, sha256: hash, bytes }: Pick<IndexRecord, 'file' | 'sha256' | 'bytes'>,
): IndexRecord<Evaluation> {
  return {
    format: 'breakwater-retrieval',
    version: INDEX_VERSION,
    stage,
    ablation,
    anchor,
    timestamp,
    gitSha,
    libraryVersion,
    file,
    sha256: hash,
    bytes,
    rows: index.rows,
    sessions,
    kNeighbors: index.k,
    episodeCap: index.episodeCap === Infinity ? null : index.episodeCap,
    partitions: index.partitions.length,
    features: index.normaliser.features,
    dropped: index.normaliser.dropped,
    encoder: encoderToJson(encoder),
    data,
    evaluation,
  }
}

/** Reads and checks the JSON beside an index. */
export async function readIndexRecord(path: string): Promise<IndexRecord> {
  if (existsSync(path)) return parseIndexRecord(await readFile(path, 'utf8'), path)
  throw new Error(
    `models: ${path}: the retrieval index is missing. Run \`breakwater index\`, or go without (unset VIEWPORT_RETRIEVAL_INDEX).`,
  )
}

/**
 * Reads the index that a record names, with its encoder; `path` is that of the record. The file's hash, format and features are
 * checked. Runs no code of the file.
 */
export async function readIndex(
  path: string,
  record: IndexRecord,
): Promise<{ readonly index: RetrievalIndex; readonly encoder: Encoder }> {
  const file = listedFile(dirname(path), record.file)
  const encoder = encoderFromJson(record.encoder)
  const { index, sha256: hash } = await loadIndex(file, { features: encoder.columns })
  if (hash === record.sha256) return { index, encoder }
  throw new Error(
    `models: ${file}: its SHA-256 is not the one in ${basename(path)}: it was changed after it was written. Run \`breakwater index\` again.`,
  )
}
