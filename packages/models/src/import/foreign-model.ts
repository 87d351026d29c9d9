import type { TreeModel } from '@breakwater/trees'
import { fromLightgbm, fromXgboost } from '@breakwater/trees'

/** Which of XGBoost's trees to keep where early stopping recorded a best iteration. */
export const ITERATIONS = ['best', 'all'] as const

/** A model of another library, on the columns asked for. */
export interface ForeignModel {
  readonly model: TreeModel
  readonly format: 'XGBoost' | 'LightGBM'
}

/** A model file of another library, and how it is read. */
export interface ForeignFile {
  readonly bytes: Uint8Array
  /** What the file is called in records and messages. */
  readonly file: string
  readonly iterations: (typeof ITERATIONS)[number]
}

/**
 * The model of a file by what it holds: LightGBM's text begins with "tree", everything else must be XGBoost's. Its features must
 * be among `columns` by name.
 */
export function foreignModel({ bytes, file, iterations }: ForeignFile, columns: readonly string[]): ForeignModel {
  const text = new TextDecoder('utf-8')
  if (/^tree\r?\n/.test(text.decode(bytes.subarray(0, 6)))) {
    return { format: 'LightGBM', model: fromLightgbm(text.decode(bytes), { columns, source: file }) }
  }
  return { format: 'XGBoost', model: fromXgboost(bytes, { columns, iterations, source: file }) }
}
