import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { TreeModel } from '@breakwater/trees'
import { fromLightgbm, fromXgboost } from '@breakwater/trees'
import { sha256 } from '@breakwater/trees/node'
import type { Context } from '../context.ts'
import { absolute, shown } from '../paths.ts'

/** Which of XGBoost's trees to keep where early stopping recorded a best iteration. */
export const ITERATIONS = ['best', 'all'] as const

/** A model of another library, on the columns asked for. */
export interface ForeignModel {
  readonly model: TreeModel
  readonly format: 'XGBoost' | 'LightGBM'
  /** The file, as a person in the working folder would write it, and its hash. */
  readonly file: string
  readonly sha256: string
}

/** How {@link readForeignModel} reads. */
export interface ForeignRequest {
  readonly path: string
  /** Columns of the encoder; the file's features must be among them by name. */
  readonly columns: readonly string[]
  readonly iterations: (typeof ITERATIONS)[number]
}

/** Reads a model file by what it holds: LightGBM's text begins with "tree", everything else must be XGBoost's. */
export async function readForeignModel({ cwd }: Context, request: ForeignRequest): Promise<ForeignModel> {
  const path = absolute(cwd, request.path)
  const file = shown(cwd, path)
  if (!existsSync(path)) throw new Error(`trainer: --from ${file}: there is no such file. Give the model's place.`)
  const bytes = await readFile(path)
  const { columns, iterations } = request
  const shared = { file, sha256: sha256(bytes) }
  if (/^tree\r?\n/.test(bytes.subarray(0, 6).toString('latin1'))) {
    return { ...shared, format: 'LightGBM', model: fromLightgbm(bytes.toString('utf8'), { columns, source: file }) }
  }
  return { ...shared, format: 'XGBoost', model: fromXgboost(bytes, { columns, iterations, source: file }) }
}
