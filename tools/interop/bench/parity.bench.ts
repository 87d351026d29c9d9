// Mean metrics of our trees, LightGBM and scikit-learn on public data, over five random splits: 300 trees, learning rate
// 0.05, depth 6, 255 bins, lambda 1, 20 rows per leaf; on all rows and columns, and on 80% of both a tree. Ends with 1
// where ours are behind by more than allowed. Run with: npm run bench -- parity
import process from 'node:process'
import { findInterpreter } from '@breakwater/interop'
import { DATA_SETS, hasDataSets, readDataSet } from '../test/data-sets.ts'
import { compareEngines, shortfalls } from '../test/parity.ts'

const FULL = { rounds: 300, learningRate: 0.05, seeds: [1, 2, 3, 4, 5] }

const found = findInterpreter()
if (found.python === undefined) process.stdout.write(`not run: ${found.reason}\n`)
else if (hasDataSets) await compareAll()
else process.stdout.write('not run: ../shared/data is absent\n')

async function compareAll(): Promise<void> {
  for (const name of DATA_SETS) {
    const data = readDataSet(name)
    for (const sampling of [1, 0.8]) {
      process.stdout.write(`${name}, ${data.matrix.rows} x ${data.matrix.columns.length}, sampling ${sampling}\n`)
      const scores = await compareEngines(data, { ...FULL, sampling })
      for (const { engine, means } of scores) {
        const figures = Object.entries(means).map(([metric, value]) => `${metric} ${value.toFixed(4)}`)
        process.stdout.write(`  ${engine.padEnd(14)}${figures.join('   ')}\n`)
      }
      for (const behind of shortfalls(scores)) {
        process.stdout.write(`  behind: ${behind}\n`)
        process.exitCode = 1
      }
    }
  }
}
