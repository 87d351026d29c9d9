import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Matrix, TreeModel, HeadResult } from '@breakwater/trees'

/** A seeded source of uniform numbers in [0, 1). */
export function uniformSource(seed: number): () => number {
  const random = xoroshiro128plus(seed)
  return () => uniformFloat64(random)
}

/** A matrix of uniform numbers, a given share of them missing. */
export function uniformMatrix(rows: number, columns: number, { seed = 1, missing = 0 } = {}): Matrix {
  const next = uniformSource(seed)
  return {
    columns: Array.from({ length: columns }, (_, c) => `c${c}`),
    rows,
    values: Float32Array.from({ length: rows * columns }, () => (next() < missing ? Number.NaN : next())),
  }
}

/** One label a row, computed from the row's values. */
export function labelsOf({ rows, columns, values }: Matrix, label: (row: readonly number[]) => number): Float32Array {
  return Float32Array.from({ length: rows }, (_, r) =>
    label(columns.map((_name, c) => values[c * rows + r] ?? Number.NaN)),
  )
}

/** A byte mask of the rows that `keep` accepts. */
export function mask(rows: number, keep: (row: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, r) => Number(keep(r)))
}

/** The model of a head that must have been trained. */
export function modelOf(result: HeadResult | undefined): TreeModel {
  if (result?.status !== 'trained') throw new Error(`the head was not trained: ${result?.reason ?? 'no result'}`)
  return result.model
}
