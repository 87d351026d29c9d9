import type { Encoding, Table } from '@breakwater/features'
import { z } from 'zod'

/** Quantiles that the sketch of a number keeps: deciles. */
const PARTS = 10

/** How a feature was distributed over training rows. Shares add up to 1 over the bins, missing rows left out. */
export interface FeatureBaseline {
  readonly name: string
  readonly rows: number
  /** Share of rows without a value. */
  readonly missing: number
  /** Upper ends of a number's bins but the last, rising, each included in its bin; empty for words. */
  readonly edges: readonly number[]
  /** Words of a category, in their order; empty for a number. */
  readonly words: readonly string[]
  /** Share of each bin or word. */
  readonly shares: readonly number[]
}

/** What is checked of baselines in a file. */
export const featureBaselines: z.ZodType<readonly FeatureBaseline[]> = z.array(
  z.object({
    name: z.string(),
    rows: z.number(),
    missing: z.number(),
    edges: z.array(z.number()),
    words: z.array(z.string()),
    shares: z.array(z.number()),
  }),
)

/** The `baseline` of a set's details; null where it has none, as sets of older versions. Throws on what is none. */
export function baselineOf(details: unknown): readonly FeatureBaseline[] | null {
  if (typeof details !== 'object' || details === null || !('baseline' in details)) return null
  return details.baseline === undefined ? null : featureBaselines.parse(details.baseline)
}

/**
 * How each feature of an encoder is distributed over some rows of a table (one byte a row): deciles of numbers, of which equal ones
 * are joined, and shares of words. A live process compares with it what it sees. Rows without a finite value are missing. Throws
 * on an absent column. Cost: a sort of the rows a number.
 */
export function featureBaseline(table: Table, encodings: readonly Encoding[], rows: Uint8Array): FeatureBaseline[] {
  const chosen = Array.from(rows.keys()).filter((row) => rows[row] === 1)
  return encodings.map(({ name }) => {
    const column = table.columns[name]
    if (column === undefined) throw new Error(`models: baseline: column ${name} is absent. Write the signals again.`)
    if (column.type === 'string')
      return wordsBaseline(
        name,
        chosen.map((row) => column.dictionary[column.codes[row] as number]),
      )
    if (column.type === 'time') return { name, rows: chosen.length, missing: 1, edges: [], words: [], shares: [] }
    return numbersBaseline(
      name,
      chosen.map((row) => column.values[row] as number),
    )
  })
}

function numbersBaseline(name: string, values: readonly number[]): FeatureBaseline {
  // As the encoder rounds them, so that live values fall into the same bins.
  const known = Float32Array.from(values.filter((value) => Number.isFinite(value))).toSorted()
  const all = Array.from(
    { length: PARTS - 1 },
    (_, i) => known[Math.ceil(((i + 1) * known.length) / PARTS) - 1] as number,
  )
  const edges = known.length === 0 ? [] : [...new Set(all)]
  const counts = edges.map(() => 0).concat(0)
  for (const value of known) {
    const bin = edges.findIndex((edge) => value <= edge)
    const at = bin === -1 ? edges.length : bin
    counts[at] = (counts[at] as number) + 1
  }
  const shares = known.length === 0 ? [] : counts.map((count) => count / known.length)
  return { name, rows: values.length, missing: 1 - known.length / Math.max(1, values.length), edges, words: [], shares }
}

function wordsBaseline(name: string, values: readonly (string | undefined)[]): FeatureBaseline {
  const known = values.filter((value) => value !== undefined)
  const words = [...new Set(known)].toSorted()
  const shares = words.map((word) => known.filter((value) => value === word).length / known.length)
  return { name, rows: values.length, missing: 1 - known.length / Math.max(1, values.length), edges: [], words, shares }
}
