import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import { type Anchor, type Encoder, encoderFromJson, encoderToJson } from '@breakwater/features'
import { INDEX_VERSION, type RetrievalIndex } from '@breakwater/retrieval'
import { loadIndex, saveIndex } from '@breakwater/retrieval/node'
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

/** Paths of both files of an index, and its record. */
export interface IndexOnDisk<Evaluation = unknown> {
  readonly index: string
  readonly json: string
  readonly record: IndexRecord<Evaluation>
}

/** Writes the index, then the JSON that names its hash: a reader that begins with the JSON never meets half an index. */
export async function writeIndex<Evaluation>(
  folder: string,
  described: IndexDescription<Evaluation>,
  origin: Origin,
): Promise<IndexOnDisk<Evaluation>> {
  const { stage, ablation, anchor, index, sessions, data, evaluation } = described
  const names = indexFiles(described, anchor)
  const path = join(folder, names.index)
  const saved = await saveIndex(path, index, {
    stage,
    ablation,
    anchor,
    signals_hash: data.hash,
    training_dates: JSON.stringify(sessions),
  })
  const record: IndexRecord<Evaluation> = {
    format: 'breakwater-retrieval',
    version: INDEX_VERSION,
    stage,
    ablation,
    anchor,
    timestamp: origin.timestamp,
    gitSha: origin.gitSha,
    libraryVersion: origin.libraryVersion,
    file: names.index,
    sha256: saved.sha256,
    bytes: saved.bytes,
    rows: index.rows,
    sessions,
    kNeighbors: index.k,
    episodeCap: index.episodeCap === Infinity ? null : index.episodeCap,
    partitions: index.partitions.length,
    features: index.normaliser.features,
    dropped: index.normaliser.dropped,
    encoder: encoderToJson(described.encoder),
    data,
    evaluation,
  }
  const json = join(folder, names.record)
  await replaceFile(json, `${JSON.stringify(record, null, 2)}\n`)
  return { index: path, json, record }
}

/** Reads and checks the JSON beside an index. */
export async function readIndexRecord(path: string): Promise<IndexRecord> {
  if (existsSync(path)) return parseIndexRecord(await readFile(path, 'utf8'), path)
  throw new Error(
    `models: ${path}: the retrieval index is missing. Run \`trainer index\`, or go without (unset VIEWPORT_RETRIEVAL_INDEX).`,
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
  const file = join(dirname(path), record.file)
  const encoder = encoderFromJson(record.encoder)
  const { index, sha256 } = await loadIndex(file, { features: encoder.columns })
  if (sha256 === record.sha256) return { index, encoder }
  throw new Error(
    `models: ${file}: its SHA-256 is not the one in ${basename(path)}: it was changed after it was written. Run \`trainer index\` again.`,
  )
}
