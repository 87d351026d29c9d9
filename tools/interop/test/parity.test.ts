import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { DATA_SETS, hasDataSets, readDataSet } from './data-sets.ts'
import { compareEngines, shortfalls } from './parity.ts'
import { withoutPeers } from './peers.ts'

if (!hasDataSets) process.stderr.write('interop: ../shared/data is absent: tests on public data are skipped\n')

/** Two seeds, and the same total step in fewer trees: `npm run bench -- parity` runs five seeds of 300 trees. */
const SHORT = { rounds: 100, learningRate: 0.1, seeds: [1, 2] }

const scoresOf = (auc: number, logLoss: number): Parameters<typeof shortfalls>[0] => [
  { engine: 'ours', means: { auc, log_loss: logLoss } },
  { engine: 'lightgbm', means: { auc: 0.8, log_loss: 0.5 } },
]

describe('what counts as behind', () => {
  test('an AUC lower by more than 0.003, a log loss higher by more than 1%; better is fine', () => {
    expect(shortfalls(scoresOf(0.9, 0.4))).toEqual([])
    expect(shortfalls(scoresOf(0.7971, 0.5049))).toEqual([])
    expect(shortfalls(scoresOf(0.7969, 0.5051))).toEqual([
      'auc 0.7969, lightgbm 0.8000',
      'log_loss 0.5051, lightgbm 0.5000',
    ])
    expect(shortfalls(scoresOf(Number.NaN, 0.5))).toEqual(['auc NaN, lightgbm 0.8000'])
  })

  test('a comparison without a peer is no comparison', () => {
    expect(shortfalls([{ engine: 'ours', means: { auc: 1 } }])).toEqual(['there is no peer to compare with'])
  })
})

describe.skipIf(withoutPeers)('trees beside LightGBM and scikit-learn', () => {
  describe.skipIf(!hasDataSets)('on public data (skipped without ../shared/data)', () => {
    test.each(DATA_SETS)('%s: no metric is behind, on all rows and columns', async (name) => {
      const scores = await compareEngines(readDataSet(name), { ...SHORT, sampling: 1 })
      expect(scores.map(({ engine }) => engine)).toEqual(['ours', 'lightgbm', 'scikit-learn'])
      expect(shortfalls(scores)).toEqual([])
    })

    test('higgs: none is behind with 80% of rows and columns a tree', async () => {
      const scores = await compareEngines(readDataSet('higgs'), { ...SHORT, sampling: 0.8 })
      expect(scores.map(({ engine }) => engine)).toEqual(['ours', 'lightgbm'])
      expect(shortfalls(scores)).toEqual([])
    })
  })
})
