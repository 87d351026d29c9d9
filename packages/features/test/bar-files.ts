import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BarRow } from './synthetic-bars.ts'

/** A temporary folder of CSV files, in the form in which bars are passed around: ISO times in UTC, one row a bar. */
export interface BarFolder {
  /** Writes rows; returns the path. */
  readonly write: (rows: readonly BarRow[], header?: string) => string
  readonly text: (text: string) => string
  readonly remove: () => void
}

const HEADER = 'time,open,high,low,close,volume'

/** A row as a line of CSV. */
export function lineOf([ts, ...values]: BarRow): string {
  return [`${new Date(Number(ts / 1_000_000n)).toISOString().slice(0, 19)}Z`, ...values].join(',')
}

/** An empty folder of CSV files. */
export function barFolder(): BarFolder {
  const folder = mkdtempSync(join(tmpdir(), 'dirty-bars-'))
  let files = 0
  const text = (content: string): string => {
    files += 1
    const path = join(folder, `${files}.csv`)
    writeFileSync(path, content)
    return path
  }
  return {
    text,
    write: (rows, header = HEADER) => text([header, ...rows.map(lineOf), ''].join('\n')),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Prices of a row times a factor, as a careless conversion makes them. */
export const scaled = ([ts, open, high, low, close, volume]: BarRow, by: number): BarRow => {
  const price = (value: number): number => Math.round(value * by * 10_000) / 10_000
  return [ts, price(open), price(high), price(low), price(close), volume]
}

/** Rows of bars that `change` replaces at `index`. */
export function changed(rows: readonly BarRow[], index: number, change: (row: BarRow) => BarRow): BarRow[] {
  return rows.map((row, i) => (i === index ? change(row) : row))
}

/** Bars of `minutes` each, made of one-minute rows: first open, extremes, last close, sum of volumes. */
export function merged(rows: readonly BarRow[], minutes: number): BarRow[] {
  const size = BigInt(minutes) * 60_000_000_000n
  const groups = new Map<bigint, BarRow[]>()
  for (const row of rows) {
    const start = row[0] - (row[0] % size)
    groups.set(start, [...(groups.get(start) ?? []), row])
  }
  return [...groups].map(([ts, group]) => [
    ts,
    group[0]?.[1] ?? 0,
    Math.max(...group.map((row) => row[2])),
    Math.min(...group.map((row) => row[3])),
    group.at(-1)?.[4] ?? 0,
    group.reduce((sum, row) => sum + row[5], 0),
  ])
}
