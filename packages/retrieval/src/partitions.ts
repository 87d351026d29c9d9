import type { FilterName, Partition } from './index-data.ts'
import { FILTER_NAMES } from './index-data.ts'
import type { RowMetadata } from './input.ts'

/** Values that rows must have; absent or null does not filter. */
export type Filters = Readonly<Partial<Record<FilterName, string | null>>>

/** Stored rows from `start` to `end` (exclusive). */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Orders rows by direction, level kind, gamma bucket (missing first, else by name), then by the time their outcome was
 * known, then by place; and lists where each combination begins and ends. Within a partition, the rows known at a time
 * are then a prefix. Cost: rows log rows.
 */
export function partitionRows(metadata: RowMetadata, rows: Int32Array): { order: Int32Array; partitions: Partition[] } {
  const ranks = FILTER_NAMES.map((name) => ranksOf(metadata[name].dictionary))
  const combinations = new Map<string, number[]>()
  for (const row of rows) {
    const key = FILTER_NAMES.map((name, i) => ranks[i]?.[metadata[name].codes[row] as number] ?? -1).join(' ')
    const members = combinations.get(key)
    if (members === undefined) combinations.set(key, [row])
    else members.push(row)
  }
  const { resolvedNs } = metadata
  const order = new Int32Array(rows.length)
  const partitions: Partition[] = []
  let at = 0
  for (const key of [...combinations.keys()].toSorted(byNumbers)) {
    const members = combinations.get(key) as number[]
    members.sort((a, b) => compare(resolvedNs[a] as bigint, resolvedNs[b] as bigint) || a - b)
    const [first = 0] = members
    const [direction, levelKindName, gammaBucket] = FILTER_NAMES.map((name) => {
      const { codes, dictionary } = metadata[name]
      return dictionary[codes[first] as number] ?? null
    }) as [string | null, string | null, string | null]
    partitions.push({ direction, levelKindName, gammaBucket, start: at, end: at + members.length })
    order.set(members, at)
    at += members.length
  }
  return { order, partitions }
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** The place of each code's word among the sorted words, so that the order does not depend on the dictionary's. */
function ranksOf(dictionary: readonly string[]): Int32Array {
  const sorted = dictionary.toSorted()
  return Int32Array.from(dictionary, (word) => sorted.indexOf(word))
}

function byNumbers(a: string, b: string): number {
  const [x, y] = [a, b].map((key) => key.split(' ').map(Number)) as [number[], number[]]
  for (const [i, value] of x.entries()) if (value !== y[i]) return value - (y[i] as number)
  return 0
}

/**
 * The stored rows that match `filters` and whose outcome was known at `asOf` (closed: known at that nanosecond counts), as
 * few ranges as possible. Cost: partitions x log rows.
 */
export function rangesOf(
  partitions: readonly Partition[],
  resolvedNs: BigInt64Array,
  filters: Filters,
  asOf: bigint,
): Range[] {
  const ranges: { start: number; end: number }[] = []
  for (const partition of partitions) {
    if (FILTER_NAMES.some((name) => filters[name] != null && filters[name] !== partition[name])) continue
    const end = knownBy(resolvedNs, partition, asOf)
    if (end === partition.start) continue
    const last = ranges.at(-1)
    if (last?.end === partition.start) last.end = end
    else ranges.push({ start: partition.start, end })
  }
  return ranges
}

/** End of the rows of a range whose `resolvedNs` is at most `asOf`, by halving. */
function knownBy(resolvedNs: BigInt64Array, { start, end }: Range, asOf: bigint): number {
  if ((resolvedNs[end - 1] as bigint) <= asOf) return end
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((resolvedNs[middle] as bigint) <= asOf) low = middle + 1
    else high = middle
  }
  return low
}
