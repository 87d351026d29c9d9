// Nearest neighbours among 3,500, 100,000 and 1,000,000 rows x 80 columns: this package, ml-knn, and scikit-learn and faiss
// where BREAKWATER_PYTHON names an interpreter that has them. Every side must find the same distances before it is timed;
// runs are interleaved. Run with: npm run bench -- retrieval, or npm run bench -- retrieval --rows 3500 for one size.
import { parseArgs } from 'node:util'
import { createSearcher, fitIndex } from '@breakwater/retrieval'
import type { QueryOptions, RetrievalIndex, Searcher } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
import KNN from 'ml-knn'
import { benchData } from './data.ts'
import type { BenchData } from './data.ts'
import { startPeers } from './python-peers.ts'
import type { PythonPeers } from './python-peers.ts'

const { values: given } = parseArgs({ options: { rows: { type: 'string' } }, strict: false })
const ROUNDS = 3
const EVER = 2n ** 62n
/** ml-knn keeps a point as an array in a tree of objects; a million of them take too long to build. */
const MOST_FOR_ML_KNN = 100_000
/** A round of it, at half a second a query. */
const ML_KNN_QUERIES = 10
const PLAIN: Omit<QueryOptions, 'k'> = { asOf: EVER, episodeCap: Infinity }

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN
const milliseconds = (values: readonly number[]): string =>
  `p50 ${quantile(values, 0.5).toFixed(3)} ms, p99 ${quantile(values, 0.99).toFixed(3)} ms`

/** One way to answer all queries once: milliseconds per query. */
interface Side {
  readonly name: string
  readonly run: () => number[] | Promise<number[]>
}

function timed(queries: readonly Float32Array[], ask: (query: Float32Array) => unknown): number[] {
  return queries.map((query) => {
    const start = performance.now()
    ask(query)
    return performance.now() - start
  })
}

const FILTERS = { levelKindName: 'VWAP', direction: 'UP', gammaBucket: 'SHORT_GAMMA' }

function ownSides(queries: readonly Float32Array[], fast: Searcher, plain: Searcher, k: number): Side[] {
  const side = (name: string, ask: (query: Float32Array) => unknown): Side => ({ name, run: () => timed(queries, ask) })
  return [
    side('neighbours alone', (query) => fast.distances(query, { ...PLAIN, k })),
    side('neighbours alone, plain TypeScript', (query) => plain.distances(query, { ...PLAIN, k })),
    side('query: episode cap, summary', (query) => fast.query(query, { asOf: EVER, k })),
    side('query filtered to a tenth', (query) => fast.query(query, { asOf: EVER, k, filters: FILTERS })),
  ]
}

function peerSides(peers: PythonPeers | undefined, k: number): Side[] {
  return (peers?.libraries ?? []).map((library) => ({
    name: library,
    run: async () => {
      const { seconds } = (await peers?.run(library, k, true)) ?? { seconds: [] }
      return seconds.map((each) => each * 1000)
    },
  }))
}

/** The query as the index sees it. */
function scores({ normaliser }: RetrievalIndex, query: Float32Array): Float32Array {
  return query.map((x, c) => (x - (normaliser.mean[c] ?? 0)) / (normaliser.scale[c] ?? 1))
}

async function checkSame(
  searchers: readonly Searcher[],
  peers: PythonPeers | undefined,
  queries: readonly Float32Array[],
  k: number,
): Promise<void> {
  const [first, ...others] = searchers.map((searcher) =>
    queries.map((query) => searcher.distances(query, { ...PLAIN, k })),
  )
  const compare = (name: string, theirs: readonly ArrayLike<number>[], tolerance: number): void => {
    for (const [q, ours] of (first ?? []).entries()) {
      for (const [i, distance] of ours.entries()) {
        if (Math.abs(distance - (theirs[q]?.[i] ?? Number.NaN)) <= tolerance) continue
        throw new Error(`bench: ${name}: neighbour ${i} of query ${q} is ${theirs[q]?.[i]} away, not ${distance}`)
      }
    }
  }
  for (const other of others) compare('plain', other, 0)
  // Peers compute in 32 bits.
  for (const library of peers?.libraries ?? []) {
    compare(library, (await peers?.run(library, k, true))?.distances ?? [], 2e-3)
  }
}

function mlKnnSide(index: RetrievalIndex, queries: readonly Float32Array[], k: number): Side {
  const width = index.normaliser.kept.length
  const points = Array.from({ length: index.rows }, (_, row) => [
    ...index.vectors.subarray(row * width, (row + 1) * width),
  ])
  const labels = Array.from(index.stored.outcome)
  const knn = new KNN(points, labels, { k })
  const vectors = queries.map((query) => [...scores(index, query)])
  const searcher = createSearcher(index)
  for (const [q, vector] of vectors.slice(0, 20).entries()) {
    const found = searcher.query(queries[q] as Float32Array, { ...PLAIN, k, neighbours: true }).neighbours ?? []
    const votes = [0, 1, 2].map(
      (code) => found.filter(({ outcome }) => outcome === ['BREAK', 'BOUNCE', 'CHOP'][code]).length,
    )
    // It tells the majority alone, and on equal votes either.
    if ((votes[knn.predict(vector)] ?? 0) < Math.max(...votes)) throw new Error('bench: ml-knn finds other neighbours')
  }
  return {
    name: 'ml-knn (class alone)',
    run: () =>
      vectors.slice(0, ML_KNN_QUERIES).map((vector) => {
        const start = performance.now()
        knn.predict(vector)
        return performance.now() - start
      }),
  }
}

async function interleaved(sides: readonly Side[], k: number): Promise<void> {
  const times = new Map<string, number[]>(sides.map(({ name }) => [name, []]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, run } of sides) {
      const spent = await run()
      // The first round warms up.
      if (round > 0) times.get(name)?.push(...spent)
    }
  }
  const [own] = sides
  const base = quantile(times.get(own?.name ?? '') ?? [], 0.5)
  for (const [name, values] of times) {
    print(`  k=${k} ${name.padEnd(36)} ${milliseconds(values)}  x${(quantile(values, 0.5) / base).toFixed(2)}`)
  }
}

async function batch(index: RetrievalIndex, { queries }: BenchData, peers: PythonPeers | undefined): Promise<void> {
  const rows = new Float32Array(queries.length * index.normaliser.features.length)
  for (const [q, query] of queries.entries()) rows.set(query, q * query.length)
  const options = queries.map(() => ({ asOf: EVER, k: 50 }))
  for (const threads of [1, 2]) {
    const pool = createPool(index, { threads })
    await pool.query(rows, options)
    const rates: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      await pool.query(rows, options)
      rates.push((queries.length * 1000) / (performance.now() - start))
    }
    await pool.close()
    print(
      `  batch k=50, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${Math.round(quantile(rates, 0.5)).toLocaleString('en')} queries a second`,
    )
  }
  for (const library of peers?.libraries ?? []) {
    const runs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { seconds = [] } = (await peers?.run(library, 50, false)) ?? {}
      runs.push(queries.length / (seconds[0] ?? Number.NaN))
    }
    print(
      `  batch k=50, ${library}, 1 thread, neighbours alone: ${Math.round(quantile(runs, 0.5)).toLocaleString('en')} queries a second`,
    )
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`

async function benchSize(rows: number, queryCount: number): Promise<void> {
  const data = benchData(rows, queryCount)
  const started = performance.now()
  const index = fitIndex(data.matrix, data.outcomes, data.metadata, { k: 50, referenceRows: 0 })
  const fitted = performance.now()
  const fast = createSearcher(index)
  const ready = performance.now()
  const plain = createSearcher(index, { kernel: 'plain' })
  print(
    `${rows.toLocaleString('en')} rows x 80, ${queryCount} queries x ${ROUNDS}, kernel ${fast.kernel}: fit ${((fitted - started) / 1000).toFixed(2)} s, codes ` +
      `${((ready - fitted) / 1000).toFixed(2)} s; vectors ${mib(index.vectors.byteLength)}, codes ${mib(rows * 80)}`,
  )
  const vectors = new Float32Array(queryCount * 80)
  for (const [q, query] of data.queries.entries()) vectors.set(scores(index, query), q * 80)
  const peers = await startPeers(index.vectors, vectors, 80)
  if (peers === undefined) print('  no Python peers: BREAKWATER_PYTHON is not set')
  for (const k of [20, 50]) {
    await checkSame([fast, plain], peers, data.queries, k)
    const knn = rows <= MOST_FOR_ML_KNN ? [mlKnnSide(index, data.queries, k)] : []
    await interleaved([...ownSides(data.queries, fast, plain, k), ...knn, ...peerSides(peers, k)], k)
  }
  await batch(index, data, peers)
  await peers?.close()
}

for (const [rows, queries] of [
  [3500, 300],
  [100_000, 100],
  [1_000_000, 40],
] as const) {
  if (given.rows === undefined || given.rows === `${rows}`) await benchSize(rows, queries)
}
