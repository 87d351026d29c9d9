import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bundle, TreeModel } from '@breakwater/trees'
import { loadBundles, trainHeadsParallel, writeBundles } from '@breakwater/trees/node'
import { benchData, COLUMNS } from './data.ts'
import type { BenchData } from './data.ts'
import { fixed, printTable } from './report.ts'
import { HEADS, ROWS, scorersOf } from './scorers.ts'
import type { Scorer } from './scorers.ts'
import type { Plan } from './training.ts'

/** Batches of rows that calls go through, so that no call repeats the one before. */
const BATCHES = 64
const LOADS = 15

/** Calls with flushed caches, and the bytes that flush them: several times a third-level cache. */
const COLD_CALLS = 24
const FLUSH_BYTES = 2 ** 27

interface Timing {
  readonly what: string
  readonly p50: number
  readonly p99: number
  /** Median with flushed caches. */
  readonly cold?: number
}

/**
 * Milliseconds to score 8 rows by 36 heads, each way in turn, `runs` times after a warm-up: the second of two calls, so that
 * the way before it does not count, and some times with flushed caches; and to load the 36 heads from disk. Every way is
 * checked against the naive scorer on every batch before timing. ONNX Runtime has one thread.
 */
export async function compareScoring({ runs, rounds }: Plan): Promise<readonly Timing[]> {
  const { train, test } = benchData({ train: 2662, test: ROWS * BATCHES }, HEADS)
  const models = await trainModels(train, rounds)
  const bundles = models.map((model, h) => bundleOf(model, `head${h}`))
  // Before the naive scorer makes a million objects that the collector would walk meanwhile.
  const loading = await timeLoading(bundles)
  const batches = batchesOf(test)
  const scorers = await scorersOf(models, bundles)
  for (const [what, scorer] of scorers) await checkScorer(what, scorer, scorers, batches)
  const timings = await timeScorers(scorers, batches, runs)
  const rows = [...timings, loading].map(({ what, p50, p99, cold }) => ({
    what,
    'p50 ms': fixed(p50, 3),
    'p99 ms': fixed(p99, 3),
    'p50 ms, flushed caches': fixed(cold, 3),
  }))
  printTable(`${ROWS} rows x ${HEADS} heads x ${rounds} trees; ${runs} calls, ${LOADS} loads`, rows)
  return [...timings, loading]
}

async function trainModels(data: BenchData, rounds: number): Promise<TreeModel[]> {
  const train = new Uint8Array(data.matrix.rows).fill(1)
  const heads = data.heads.map((head, h) => ({ name: `head${h}`, ...head, train }))
  const results = await trainHeadsParallel(data.matrix, heads, { rounds, threads: availableParallelism() })
  return results.map((result) => {
    if (result.status === 'skipped') throw new Error(`bench: ${result.name}: ${result.reason}`)
    return result.model
  })
}

/** Row-major batches of the test rows, missing values and all. */
function batchesOf({ matrix }: BenchData): Float32Array[] {
  return Array.from({ length: BATCHES }, (_, batch) =>
    Float32Array.from({ length: ROWS * COLUMNS }, (_value, i) => {
      const row = batch * ROWS + Math.floor(i / COLUMNS)
      return matrix.values[(i % COLUMNS) * matrix.rows + row] ?? Number.NaN
    }),
  )
}

async function checkScorer(
  what: string,
  scorer: Scorer,
  scorers: ReadonlyMap<string, Scorer>,
  batches: readonly Float32Array[],
): Promise<void> {
  const [[, oracle] = []] = scorers
  for (const batch of batches) {
    const wanted = Float64Array.from((await oracle?.(batch)) ?? [])
    const given = await scorer(batch)
    const wrong = wanted.findIndex(
      (score, i) => !(Math.abs((given[i] ?? NaN) - score) <= 1e-5 * Math.max(1, Math.abs(score))),
    )
    if (wanted.length !== given.length || wrong >= 0) {
      throw new Error(`bench: ${what}: score ${wrong} is ${given[wrong]}, not ${wanted[wrong]}`)
    }
  }
}

async function timeScorers(
  scorers: ReadonlyMap<string, Scorer>,
  batches: readonly Float32Array[],
  runs: number,
): Promise<Timing[]> {
  const warm = new Map([...scorers.keys()].map((what) => [what, [] as number[]]))
  const cold = new Map([...scorers.keys()].map((what) => [what, [] as number[]]))
  const batchAt = (run: number): Float32Array => batches[run % batches.length] ?? new Float32Array(0)
  for (let run = 0; run < runs + BATCHES; run++) {
    for (const [what, scorer] of scorers) {
      await timedCall(scorer, batchAt(run + 1))
      const took = await timedCall(scorer, batchAt(run))
      if (run >= BATCHES) warm.get(what)?.push(took)
    }
  }
  const flush = new Float64Array(FLUSH_BYTES / 8)
  for (let run = 0; run < COLD_CALLS; run++) {
    for (const [what, scorer] of scorers) {
      for (let i = 0; i < flush.length; i += 8) flush[i] = (flush[i] ?? 0) + 1
      cold.get(what)?.push(await timedCall(scorer, batchAt(run)))
    }
  }
  return [...warm].map(([what, taken]) => ({
    ...timingOf(what, taken),
    cold: timingOf(what, cold.get(what) ?? []).p50,
  }))
}

async function timedCall(scorer: Scorer, batch: Float32Array): Promise<number> {
  const start = performance.now()
  await scorer(batch)
  return performance.now() - start
}

async function timeLoading(bundles: readonly Bundle[]): Promise<Timing> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bench-'))
  try {
    const named = { stage: 'stage_b', ablation: 'full', timestamp: '2026-01-05T00:00:00.000Z' }
    await writeBundles(folder, { ...named, bundles, skipped: [], details: {} })
    const taken: number[] = []
    for (let run = 0; run < LOADS; run++) {
      const start = performance.now()
      const loaded = await loadBundles(folder, named)
      taken.push(performance.now() - start)
      if (loaded.bundles.size !== HEADS) throw new Error(`bench: ${loaded.bundles.size} heads were loaded`)
    }
    return timingOf('loading 36 heads from disk, checked', taken)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function timingOf(what: string, taken: readonly number[]): Timing {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  return { what, p50: at(0.5), p99: at(0.99) }
}

function bundleOf(model: TreeModel, head: string): Bundle {
  const dates = { train: [], validation: [], calibration: [], test: [] }
  const named = { head, stage: 'stage_b', ablation: 'full', anchor: '4min', timestamp: '2026-01-05T00:00:00.000Z' }
  const plain = {
    features: [...model.columns],
    encoder: null,
    metrics: null,
    dataHash: '',
    gitSha: null,
    calibrator: null,
  }
  return { model, description: { ...named, ...plain, dates, libraryVersion: '0.0.0', schemaVersion: '0' } }
}
