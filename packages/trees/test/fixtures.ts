import { readdirSync, readFileSync } from 'node:fs'
import { fromLightgbm, fromXgboost } from '@breakwater/trees'
import type { Matrix, TreeModel } from '@breakwater/trees'
import { z } from 'zod'

const FOLDER = new URL('fixtures/', import.meta.url)

const recorded = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.number().nullable())),
  cases: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      options: z.object({ iterations: z.enum(['best', 'all']).optional() }),
      raw: z.array(z.number()),
    }),
  ),
})

/** A model that another library trained, with the scores that the library itself gave. See fixtures/make.py. */
export interface RecordedModel {
  /** Folder and name, such as `xgboost-3.2.0/logistic`. */
  readonly title: string
  readonly bytes: Uint8Array
  readonly matrix: Matrix
  /** Raw scores of the matrix. */
  readonly raw: readonly number[]
  readonly read: () => TreeModel
}

/** Every recorded model of a library. */
export function recordedModels(library: 'xgboost' | 'lightgbm'): RecordedModel[] {
  const folders = readdirSync(FOLDER).filter((name) => name.startsWith(`${library}-`))
  return folders.toSorted().flatMap((folder) => modelsIn(folder, library))
}

function modelsIn(folder: string, library: 'xgboost' | 'lightgbm'): RecordedModel[] {
  const place = new URL(`${folder}/`, FOLDER)
  const { columns, rows, cases } = recorded.parse(JSON.parse(readFileSync(new URL('cases.json', place), 'utf8')))
  const values = Float32Array.from(rows.flat(), (x) => x ?? Number.NaN)
  const matrix: Matrix = { columns, rows: rows.length, values, layout: 'rows' }
  return cases.map(({ name, file, options, raw }) => {
    const bytes = readFileSync(new URL(file, place))
    const { iterations = 'best' } = options
    const read = (): TreeModel =>
      library === 'xgboost'
        ? fromXgboost(bytes, { source: file, iterations })
        : fromLightgbm(bytes.toString('utf8'), { source: file })
    return { title: `${folder}/${name}`, bytes, matrix, raw, read }
  })
}

/** Largest difference of scores, against max(1, |score|). */
export function largestError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity
  return Array.from(found).reduce((most, score, i) => {
    const other = expected[i] as number
    const error = Math.abs(score - other) / Math.max(1, Math.abs(other))
    return error > most || Number.isNaN(error) ? error : most
  }, 0)
}
