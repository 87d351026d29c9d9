import { join } from 'node:path'
import { type Anchor, atAnchor } from '@breakwater/features'
import { encoderToJson } from '@breakwater/features'
import type { Encoder } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { INDEX_VERSION } from '@breakwater/retrieval'
import type { RetrievalIndex } from '@breakwater/retrieval'
import { saveIndex } from '@breakwater/retrieval/node'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { IndexEvaluation } from './evaluate.ts'

/** What stands in retrieval_index_{stage}_{ablation}.json. */
export interface IndexRecord {
  readonly format: 'breakwater-retrieval'
  readonly version: number
  readonly stage: string
  readonly ablation: string
  readonly anchor: Anchor
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly gitSha: string | null
  readonly libraryVersion: string
  /** The index beside this file. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  readonly sessions: readonly string[]
  readonly kNeighbors: number
  /** null: no limit. */
  readonly episodeCap: number | null
  readonly partitions: number
  /** Matrix columns in order, and those that the distance does without. */
  readonly features: readonly string[]
  readonly dropped: RetrievalIndex['normaliser']['dropped']
  readonly encoder: unknown
  readonly data: { readonly hash: string; readonly files: readonly string[]; readonly schemaVersion: string }
  readonly evaluation: IndexEvaluation
}

/** What is to be written. */
export interface IndexToSave {
  readonly stage: string
  readonly ablation: string
  readonly anchor: Anchor
  readonly index: RetrievalIndex
  readonly encoder: Encoder
  readonly sessions: readonly string[]
  readonly data: IndexRecord['data']
  readonly evaluation: IndexEvaluation
  readonly outputDir: string
}

/** Where both files were written, as a person in the working folder would write it, and the record. */
export interface SavedRetrieval {
  readonly index: string
  readonly json: string
  readonly record: IndexRecord
}

/** Writes the index, then the JSON that names its hash: a reader that begins with the JSON never meets half an index. */
export async function saveRetrieval(context: Context, job: IndexToSave): Promise<SavedRetrieval> {
  context.signal.throwIfAborted()
  const { stage, ablation, anchor, index } = job
  // As heads are named: the primary anchor has no suffix.
  const name = atAnchor(`retrieval_index_${stage}_${ablation}`, anchor)
  const folder = absolute(context.cwd, job.outputDir)
  const path = join(folder, `${name}.safetensors`)
  const { sha256, bytes } = await saveIndex(path, index, {
    stage,
    ablation,
    anchor,
    signals_hash: job.data.hash,
    training_dates: JSON.stringify(job.sessions),
  })
  const record: IndexRecord = {
    format: 'breakwater-retrieval',
    version: INDEX_VERSION,
    stage,
    ablation,
    anchor,
    timestamp: new Date(context.clock()).toISOString(),
    gitSha: gitCommit(context.cwd),
    libraryVersion: trainerVersion(),
    file: `${name}.safetensors`,
    sha256,
    bytes,
    rows: index.rows,
    sessions: job.sessions,
    kNeighbors: index.k,
    episodeCap: index.episodeCap === Infinity ? null : index.episodeCap,
    partitions: index.partitions.length,
    features: index.normaliser.features,
    dropped: index.normaliser.dropped,
    encoder: encoderToJson(job.encoder),
    data: job.data,
    evaluation: job.evaluation,
  }
  const json = join(folder, `${name}.json`)
  await replaceFile(json, `${JSON.stringify(record, null, 2)}\n`)
  return { index: shown(context.cwd, path), json: shown(context.cwd, json), record }
}
