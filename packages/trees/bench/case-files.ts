import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { benchData } from './data.ts'
import type { BenchData } from './data.ts'

const PARTS = ['train', 'test'] as const

/** Enough that AUC repeats to about 0.003 whatever the training rows. */
const TEST_ROWS = 20_000

const layout = z.object({
  columns: z.array(z.string()),
  rows: z.object({ train: z.number(), test: z.number() }),
  objectives: z.array(z.enum(['logistic', 'squared'])),
})

/**
 * Makes the data of a case and writes it to a temporary folder for processes in any language: case.json (columns, rows,
 * the objective of each head), and for train and test `values.f32` (column after column, NaN missing) and `labels.f32`
 * (head after head), 32-bit floats in little-endian order.
 */
export function writeCase(trainRows: number, heads: number): string {
  const rows = { train: trainRows, test: TEST_ROWS }
  const data = benchData(rows, heads)
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bench-'))
  const { columns } = data.train.matrix
  const objectives = data.train.heads.map(({ objective }) => objective)
  writeFileSync(join(folder, 'case.json'), JSON.stringify({ columns, rows, objectives }))
  for (const part of PARTS) {
    const { matrix, heads: labelled } = data[part]
    const labels = new Float32Array(labelled.length * matrix.rows)
    for (const [h, head] of labelled.entries()) labels.set(head.labels, h * matrix.rows)
    writeFileSync(join(folder, `${part}.values.f32`), matrix.values)
    writeFileSync(join(folder, `${part}.labels.f32`), labels)
  }
  return folder
}

/** Reads what {@link writeCase} wrote. */
export function readCase(folder: string): Record<(typeof PARTS)[number], BenchData> {
  const { columns, rows, objectives } = layout.parse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')))
  const part = (name: (typeof PARTS)[number]): BenchData => {
    const count = rows[name]
    const labels = floats(join(folder, `${name}.labels.f32`))
    return {
      matrix: { columns, rows: count, values: floats(join(folder, `${name}.values.f32`)) },
      heads: objectives.map((objective, h) => ({ objective, labels: labels.subarray(h * count, (h + 1) * count) })),
    }
  }
  return { train: part('train'), test: part('test') }
}

/** Deletes the folder of a case. */
export function removeCase(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function floats(path: string): Float32Array {
  const bytes = readFileSync(path)
  // A file shorter than the pool of Node's buffers begins anywhere in it: only a copy is aligned.
  return bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    : new Float32Array(Uint8Array.from(bytes).buffer)
}
