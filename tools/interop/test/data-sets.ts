import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Matrix, Objective } from '@breakwater/trees'

/** A public data set: every row, with its label. */
export interface DataSet {
  readonly name: string
  readonly objective: Objective
  readonly matrix: Matrix
  readonly labels: Float32Array
}

const FOLDER = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))

/** Whether the data sets lie beside the repository. */
export const hasDataSets: boolean = existsSync(FOLDER)

/** The names that {@link readDataSet} knows. */
export const DATA_SETS = ['lightgbm-binary', 'lightgbm-regression', 'higgs', 'adult'] as const

/**
 * Reads a data set whole, its training and test files joined. Empty cells and '?' are missing; other words become codes
 * in order of appearance, since the comparison is of numeric splits.
 */
export function readDataSet(name: (typeof DATA_SETS)[number]): DataSet {
  switch (name) {
    case 'lightgbm-binary':
      return examples(name, 'binary', 'logistic')
    case 'lightgbm-regression':
      return examples(name, 'regression', 'squared')
    case 'higgs':
      return labelled(name, 'logistic', table(['gbdt_sas_higgs_adult/higgs.csv'], ',', 1), -1)
    case 'adult': {
      const files = ['adult_train.csv', 'adult_test.csv'].map((file) => `gbdt_sas_higgs_adult/${file}`)
      return labelled(name, 'logistic', coded(table(files, ',', 1)), -1)
    }
    default:
      return name satisfies never
  }
}

function examples(name: string, kind: string, objective: Objective): DataSet {
  const files = ['train', 'test'].map((part) => `gbdt_lightgbm_examples/${kind}.${part}`)
  return labelled(name, objective, table(files, '\t', 0), 0)
}

/** The cells of files, without `headers` lines at the top of each. */
function table(files: readonly string[], separator: string, headers: number): string[][] {
  return files.flatMap((file) => {
    const lines = readFileSync(FOLDER + file, 'utf8').split(/\r?\n/)
    const filled = lines.slice(headers).filter((line) => line !== '')
    return filled.map((line) => line.split(separator).map((cell) => cell.trim()))
  })
}

/** Words as numbers in order of appearance; the income class, in the last column, as 0 and 1. */
function coded(cells: readonly string[][]): string[][] {
  const codes = new Map<string, string>()
  return cells.map((row) =>
    row.map((cell, c) => {
      if (c === row.length - 1) return cell.startsWith('>') ? '1' : '0'
      if (cell === '?' || cell === '' || Number.isFinite(Number(cell))) return cell
      codes.set(cell, codes.get(cell) ?? String(codes.size))
      return codes.get(cell) ?? cell
    }),
  )
}

const numberOf = (cell: string): number => (cell === '' || cell === '?' ? Number.NaN : Number(cell))

/** `label` is the index of the label's column, from the end where negative. */
function labelled(name: string, objective: Objective, cells: readonly string[][], label: number): DataSet {
  const width = (cells[0]?.length ?? 0) - 1
  const columns = Array.from({ length: width }, (_, c) => `c${c}`)
  const values = Float32Array.from(cells.flatMap((row) => row.toSpliced(label, 1).map((cell) => numberOf(cell))))
  const labels = Float32Array.from(cells, (row) => numberOf(row.at(label) ?? ''))
  return { name, objective, matrix: { columns, rows: cells.length, values, layout: 'rows' }, labels }
}
