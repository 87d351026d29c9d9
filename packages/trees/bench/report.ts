import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../data/ml/benchmarks/', import.meta.url))

/** One line of a table: text and numbers by column. */
export type TableRow = Readonly<Record<string, string>>

/** Prints rows as an aligned table in Markdown, with a title above; columns in the order of the first row. */
export function printTable(title: string, rows: readonly TableRow[]): void {
  const columns = Object.keys(rows[0] ?? {})
  const width = (column: string): number =>
    Math.max(...[column, ...rows.map((row) => row[column] ?? '')].map((t) => t.length))
  const line = (cell: (column: string) => string): string =>
    `| ${columns.map((column) => cell(column).padEnd(width(column))).join(' | ')} |\n`
  process.stdout.write(`\n${title}\n\n`)
  process.stdout.write(line((column) => column))
  process.stdout.write(line((column) => '-'.repeat(width(column))))
  for (const row of rows) process.stdout.write(line((column) => row[column] ?? ''))
}

/** Writes results with the machine's description to data/ml/benchmarks/trees-`name`.json. */
export function writeResults(name: string, results: unknown): void {
  const [processor] = cpus()
  const machine = {
    node: process.version,
    processor: `${cpus().length} x ${processor?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
  }
  mkdirSync(FOLDER, { recursive: true })
  const path = join(FOLDER, `trees-${name}.json`)
  const when = new Date().toISOString()
  writeFileSync(path, `${JSON.stringify({ benchmark: `trees ${name}`, when, machine, results }, null, 2)}\n`)
  process.stdout.write(`\nwritten: ${path}\n`)
}

/** A number with `digits` decimals; a dash where there is none. */
export function fixed(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits)
}

/** Seconds with three significant digits. */
export function seconds(value: number): string {
  return value.toPrecision(3).includes('e') ? value.toFixed(0) : value.toPrecision(3)
}
