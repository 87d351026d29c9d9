// Trains one head, and several heads on one and on two threads, on seeded data like that of the Python peers: 90 columns,
// 3% missing, the first 80% of the rows train. 300 trees, depth 6, learning rate 0.05. Prints the AUC beside every time.
// Run with: npm run bench -- trees
import { predict, trainHeads } from '@breakwater/trees'
import type { Head, HeadResult, Matrix } from '@breakwater/trees'
import { trainHeadsParallel } from '@breakwater/trees/node'
import { auc } from './auc.ts'
import { benchData } from './data.ts'

const OPTIONS = { rounds: 300, maxDepth: 6, learningRate: 0.05 }

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

async function timed(run: () => Promise<HeadResult[]>): Promise<{ seconds: number; results: HeadResult[] }> {
  const start = performance.now()
  const results = await run()
  return { seconds: (performance.now() - start) / 1000, results }
}

function testAuc(result: HeadResult | undefined, matrix: Matrix, labels: Float32Array, from: number): number {
  if (result?.status !== 'trained') throw new Error('bench: the head was not trained')
  return auc(labels.subarray(from), predict(result.model, matrix).subarray(from))
}

for (const [rows, runs, count] of [
  [3328, 3, 8],
  [33_280, 1, 2],
] as const) {
  const { matrix, labels } = benchData(rows)
  const trainRows = Math.floor(rows * 0.8)
  const train = new Uint8Array(rows).fill(1, 0, trainRows)
  const heads: Head[] = Array.from({ length: count }, (_, i) => ({
    name: `head${i}`,
    objective: 'logistic',
    labels,
    train,
  }))
  const one: number[] = []
  const several: { 1: number[]; 2: number[] } = { 1: [], 2: [] }
  let area = Number.NaN
  for (let run = 0; run <= runs; run++) {
    const single = await timed(() => trainHeads(matrix, heads.slice(0, 1), OPTIONS))
    const serial = await timed(() => trainHeadsParallel(matrix, heads, { ...OPTIONS, threads: 1 }))
    const parallel = await timed(() => trainHeadsParallel(matrix, heads, { ...OPTIONS, threads: 2 }))
    area = testAuc(single.results[0], matrix, labels, trainRows)
    for (const { results } of [serial, parallel]) {
      if (testAuc(results[count - 1], matrix, labels, trainRows) !== area)
        throw new Error('bench: threads change the result')
    }
    if (run === 0) continue
    one.push(single.seconds)
    several[1].push(serial.seconds)
    several[2].push(parallel.seconds)
  }
  process.stdout.write(
    `${trainRows} x 90: one head ${median(one).toFixed(2)} s, test AUC ${area.toFixed(4)}; ${count} heads ` +
      `${median(several[1]).toFixed(2)} s on one thread, ${median(several[2]).toFixed(2)} s on two\n`,
  )
}
