import { ABLATIONS, type Anchor, atAnchor, STAGES } from '@breakwater/features/vocabulary'

/** What identifies a trained set within a folder. */
export interface SetName {
  readonly stage: string
  readonly ablation: string
}

/** Predictions of the rows that no fold's models saw, beside the bundles. */
export const predictionsFile = ({ stage, ablation }: SetName): string => `predictions_${stage}_${ablation}.parquet`

const METADATA = new RegExp(String.raw`^metadata_(${STAGES.join('|')})_(${ABLATIONS.join('|')})\.json$`)

/** The set whose metadata file is called `file`; null for any other file. */
export function setOfMetadataFile(file: string): SetName | null {
  const [, stage, ablation] = METADATA.exec(file) ?? []
  return stage === undefined || ablation === undefined ? null : { stage, ablation }
}

/** The two files of a retrieval index: the index, and the record that names its hash. */
export interface IndexFiles {
  readonly index: string
  readonly record: string
}

/** Names of the files of a set's index at one anchor. As with heads, the primary anchor has no suffix. */
export function indexFiles({ stage, ablation }: SetName, anchor: Anchor): IndexFiles {
  const name = atAnchor(`retrieval_index_${stage}_${ablation}`, anchor)
  return { index: `${name}.safetensors`, record: `${name}.json` }
}

/** Files of a set's law: the law itself, and the trees that it names. */
export interface LawFiles {
  readonly law: string
  readonly correction: string
  readonly tilt: string
  readonly approach: string
}

/** Names of the files of a set's law. */
export function lawFiles({ stage, ablation }: SetName): LawFiles {
  const name = (part: string): string => `law${part}_${stage}_${ablation}`
  return {
    law: `${name('')}.json`,
    correction: `${name('_volatility')}.onnx`,
    tilt: `${name('_tilt')}.onnx`,
    approach: `${name('_approach')}.onnx`,
  }
}

/** The record that belongs to an index file; a path of a record stays as it is. */
export const recordOfIndexFile = (path: string): string => path.replace(/\.safetensors$/, '.json')

/** The pointer of the sequences in a folder. */
export const SEQUENCES_POINTER = 'sequences.json'

/** Pointers that list files and nothing that is loaded: their versions are checked by hash. */
export const FILE_SETS: ReadonlySet<string> = new Set([SEQUENCES_POINTER, 'evaluation.json', 'calibration.json'])

/** What a person calls a set, index or model: its pointer's file name without `.json`. */
export const setName = (pointer: string): string => pointer.replace(/\.json$/, '')
