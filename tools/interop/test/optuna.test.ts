import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPython, scratchFolder } from '@breakwater/interop'
import { type FinishedTrial, optunaJournal, type SweepConfig } from '@breakwater/models/sweep'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const CONFIG: SweepConfig = {
  method: 'random',
  trials: 4,
  seed: 7,
  metric: { head: 'direction', name: 'auc' },
  data: { bars: ['bars.csv'] },
  signals: {
    thresholds: {
      kind: 'choice',
      values: [
        [0.5, 1],
        [1, 2],
      ],
    },
  },
  train: {
    ablation: { kind: 'choice', values: ['full', 'ta'] },
    rounds: { kind: 'range', min: 20, max: 400, scale: 'log', whole: true },
    learningRate: { kind: 'range', min: 0.01, max: 0.3, scale: 'log', whole: false },
    maxDepth: { kind: 'choice', values: [4, 6] },
  },
  plan: { folds: 3, embargoSessions: 0 },
}

const trial = (number: number, result: Partial<FinishedTrial['result']>): FinishedTrial => ({
  result: {
    number,
    signals: { thresholds: [1, 2] },
    train: { ablation: 'ta', rounds: 50 * number, learningRate: 0.01 * number, maxDepth: 6 },
    value: null,
    folds: [],
    error: null,
    stopped: null,
    ...result,
  },
  forecasts: new Float64Array(),
})
const TRIALS = [
  trial(1, { value: 0.61, folds: [0.6, null, 0.62] }),
  trial(2, { value: 0.64, folds: [0.66, 0.63, 0.63] }),
  trial(3, { folds: [0.51], stopped: 1 }),
  trial(4, { error: 'no rows' }),
]
const PARAMS = { thresholds: '1 2', ablation: 'ta', maxDepth: 6 }

const read = z.object({
  name: z.string(),
  direction: z.string(),
  best: z.number(),
  trials: z.array(z.unknown()),
  dashboard: z.object({ status: z.string(), studies: z.number(), trials: z.number() }),
})

const options = (number: number): object => ({ ...PARAMS, rounds: 50 * number, learningRate: 0.01 * number })

test.skipIf(withoutPeers)('Optuna and the server of its dashboard open the journal of a sweep', async () => {
  const path = join(folder.path, 'optuna-journal.log')
  writeFileSync(path, optunaJournal(CONFIG, TRIALS, 'run-1'))
  const [found] = await runPython(read, new URL('./read_journal.py', import.meta.url), [path])
  expect(found).toMatchObject({ name: 'direction auc', direction: 'MAXIMIZE', best: 1 })
  expect(found?.dashboard).toEqual({ status: '200 OK', studies: 1, trials: 4 })
  expect(found?.trials).toEqual([
    {
      number: 0,
      state: 'COMPLETE',
      value: 0.61,
      params: options(1),
      intermediate: { 0: 0.6, 2: 0.62 },
      attributes: { trial: 1 },
    },
    {
      number: 1,
      state: 'COMPLETE',
      value: 0.64,
      params: options(2),
      intermediate: { 0: 0.66, 1: 0.63, 2: 0.63 },
      attributes: { trial: 2 },
    },
    {
      number: 2,
      state: 'PRUNED',
      value: null,
      params: options(3),
      intermediate: { 0: 0.51 },
      attributes: { trial: 3 },
    },
    {
      number: 3,
      state: 'FAIL',
      value: null,
      params: options(4),
      intermediate: {},
      attributes: { trial: 4, error: 'no rows' },
    },
  ])
})
