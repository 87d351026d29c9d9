import { REACH_NAMES } from '@breakwater/retrieval'
import type { CodedWords, Matrix, Outcomes, ReachName, RowMetadata } from '@breakwater/retrieval'

/** Seeded touches to index, and others to ask about. */
export interface BenchData {
  readonly matrix: Matrix
  readonly outcomes: Outcomes
  readonly metadata: RowMetadata
  readonly queries: readonly Float32Array[]
}

const COLUMNS = 80

/**
 * 80 independent normal columns: the hardest case for any search, since all rows lie almost equally far. Ten partitions of a
 * tenth each (5 level kinds x 2 directions), episodes of 3 touches.
 */
export function benchData(rows: number, queryCount: number): BenchData {
  const uniform = mulberry32(rows)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const floats = (next: () => number): Float32Array => {
    const out = new Float32Array(rows)
    for (let row = 0; row < rows; row++) out[row] = next()
    return out
  }
  const values = new Float32Array(rows * COLUMNS)
  for (let i = 0; i < values.length; i++) values[i] = normal()
  const coded = (dictionary: readonly string[], code: (row: number) => number): CodedWords => ({
    codes: Int32Array.from({ length: rows }, (_, row) => code(row)),
    dictionary,
  })
  const tsNs = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 1_000_000_000n)
  const reach = (): Float32Array => floats(() => (uniform() < 0.4 ? Number.NaN : Math.floor(uniform() * 8) * 60))
  const episodes = Array.from({ length: Math.ceil(rows / 3) }, (_, i) => `episode ${i}`)
  return {
    matrix: { columns: Array.from({ length: COLUMNS }, (_, c) => `x${c}`), rows, values },
    outcomes: {
      outcome: Int8Array.from({ length: rows }, () => Math.floor(uniform() * 3)),
      tradeable2: floats(() => Math.round(uniform())),
      strengthSigned: floats(normal),
      strengthAbs: floats(() => Math.abs(normal())),
      times: Object.fromEntries(REACH_NAMES.map((name) => [name, reach()])) as Record<ReachName, Float32Array>,
      observed: floats(() => 480),
    },
    metadata: {
      eventIds: Array.from({ length: rows }, (_, row) => `${row}`),
      tsNs,
      resolvedNs: tsNs.map((at) => at + 720_000_000_000n),
      levelKindName: coded(['ROUND', 'VWAP', 'PM_HIGH', 'PM_LOW', 'OR_HIGH'], () => Math.floor(uniform() * 5)),
      direction: coded(['UP', 'DOWN'], () => Math.floor(uniform() * 2)),
      gammaBucket: coded(['SHORT_GAMMA'], () => 0),
      episode: coded(episodes, (row) => Math.floor(row / 3)),
      session: coded(['2025-01-02'], () => 0),
    },
    queries: Array.from({ length: queryCount }, () => Float32Array.from({ length: COLUMNS }, normal)),
  }
}

function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
