import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { predict, trainBoosted } from '@breakwater/trees'
import type { Matrix } from '@breakwater/trees'
import { describe, expect, test } from 'vitest'
import { auc } from '../bench/auc.ts'

/**
 * Public data sets with figures of LightGBM and scikit-learn at comparable settings (300 trees, learning rate 0.05, 31
 * leaves); ours: 300 trees of depth 6. Better is fine, worse by more than 0.005 AUC is not.
 */
const folder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const SETTINGS = { rounds: 300, learningRate: 0.05, maxDepth: 6, minRowsPerLeaf: 20 }

interface LabelledRows {
  readonly matrix: Matrix
  readonly labels: Float32Array
}

const lines = (file: string): string[] =>
  readFileSync(folder + file, 'utf8')
    .trimEnd()
    .split('\n')

/** Rows of numbers as a row-major matrix; `label` is the index of the label's column. */
function labelled(cells: readonly (readonly number[])[], label: number): LabelledRows {
  const width = (cells[0]?.length ?? 0) - 1
  const columns = Array.from({ length: width }, (_, c) => `c${c}`)
  const values = Float32Array.from(cells.flatMap((row) => row.toSpliced(label, 1)))
  const labels = Float32Array.from(cells, (row) => row[label] ?? Number.NaN)
  return { matrix: { columns, rows: cells.length, values, layout: 'rows' }, labels }
}

const higgsSubset = (file: string): LabelledRows =>
  labelled(
    lines(file).map((line) => line.split('\t').map(Number)),
    0,
  )

function higgs(): { train: LabelledRows; test: LabelledRows } {
  const cells = lines('gbdt_sas_higgs_adult/higgs.csv')
    .slice(1)
    .map((line) => line.split(',').map((text) => (text === '' ? Number.NaN : Number(text))))
  const label = (cells[0]?.length ?? 0) - 1
  return { train: labelled(cells.slice(0, 8800), label), test: labelled(cells.slice(8800), label) }
}

/** Words become codes in order of first appearance, the same in both files. */
function adult(): { train: LabelledRows; test: LabelledRows } {
  const codes = new Map<string, number>()
  const codeOf = (text: string): number => {
    codes.set(text, codes.get(text) ?? codes.size)
    return codes.get(text) ?? Number.NaN
  }
  const number = (text: string): number => {
    if (text === '' || text === '?') return Number.NaN
    return Number.isNaN(Number(text)) ? codeOf(text) : Number(text)
  }
  const read = (file: string): LabelledRows => {
    const cells = lines(file)
      .slice(1)
      .map((line) => line.split(',').map((text) => text.trim()))
      .map((row) => [...row.slice(0, -1).map((text) => number(text)), Number(row.at(-1)?.startsWith('>50K'))])
    return labelled(cells, (cells[0]?.length ?? 0) - 1)
  }
  return { train: read('gbdt_sas_higgs_adult/adult_train.csv'), test: read('gbdt_sas_higgs_adult/adult_test.csv') }
}

async function testAuc({ train, test: held }: { train: LabelledRows; test: LabelledRows }): Promise<number> {
  const head = await trainBoosted(train.matrix, train.labels, SETTINGS)
  if (head.status === 'skipped') throw new Error(head.reason)
  return auc(held.labels, predict(head.model, held.matrix))
}

describe.skipIf(!existsSync(folder))('AUC on public data (skipped without ../shared/data)', () => {
  test('LightGBM examples, binary: LightGBM 0.8364, scikit-learn 0.8308', async () => {
    const data = {
      train: higgsSubset('gbdt_lightgbm_examples/binary.train'),
      test: higgsSubset('gbdt_lightgbm_examples/binary.test'),
    }
    expect(await testAuc(data)).toBeGreaterThan(0.8364 - 0.005)
  })

  test('Higgs: LightGBM 0.7987, scikit-learn 0.7968', async () => {
    expect(await testAuc(higgs())).toBeGreaterThan(0.7987 - 0.005)
  })

  test('Adult: LightGBM 0.9255', async () => {
    expect(await testAuc(adult())).toBeGreaterThan(0.9255 - 0.005)
  })
})
