import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSequences } from '@breakwater/patchtst'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, temporaryFolder, trainerJson } from './run-trainer.ts'

/** Nothing here asserts an edge: real touches resolve about evenly. Only that sequences are sound and can be learnt from. */
const BARS = join(ROOT, '..', 'shared', 'data', 'spy_1m_ext_2024', 'SPY_1min.csv')
const present = existsSync(BARS)

const TRAIN = ['2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12', '2024-03-13']
const VALIDATION = ['2024-03-14', '2024-03-15']

interface SequencesOutput {
  readonly files: readonly { readonly file: string; readonly date: string; readonly samples: number }[]
}

interface TrainOutput {
  readonly history: readonly { readonly trainLoss: number; readonly validationLoss: number }[]
}

describe.skipIf(!present)('sequences of real bars (skipped where they are absent)', () => {
  const folder = temporaryFolder()
  const signals = join(folder.path, 'signals.parquet')
  let made: SequencesOutput
  beforeAll(async () => {
    await trainerJson(['signals', '--bars', BARS, '--thresholds', '0.5', '1', '--output', signals])
    const dates = ['--dates', ...TRAIN, ...VALIDATION, '2024-02-22']
    made = await trainerJson<SequencesOutput>([
      'sequences',
      ...dates,
      '--data-path',
      signals,
      '--output-dir',
      folder.path,
    ])
  })
  afterAll(folder.remove)

  test('are written for the asked sessions, across the clock change', () => {
    expect(made.files.map(({ date }) => date)).toEqual(['2024-02-22', ...TRAIN, ...VALIDATION])
    for (const { samples } of made.files.slice(1)) expect(samples).toBeGreaterThan(100)
  })

  test('hold whole windows once the averages are known, and shorter ones on the day they become so', async () => {
    const [first, ...later] = await Promise.all(made.files.map(({ file }) => readSequences(file)))
    for (const { mask } of later) expect(mask.every((bit) => bit === 1)).toBe(true)
    const observed = first?.mask.reduce((sum, bit) => sum + bit, 0) ?? 0
    expect(observed).toBeGreaterThan(0)
    expect(observed).toBeLessThan(first?.mask.length ?? 0)
    // Padding lies before the bars: once a step is observed, so are those after it.
    for (let step = 1; step < 60; step++) expect(first?.mask[step]).toBeGreaterThanOrEqual(first?.mask[step - 1] ?? 0)
  })

  test('are learnt from: the training loss goes down', async () => {
    const paths = (dates: readonly string[]): string[] =>
      dates.map((date) => join(folder.path, `sequence_dataset_${date}.npz`))
    const files = ['--train-files', ...paths(TRAIN), '--val-files', ...paths(VALIDATION)]
    const small = [
      '--width',
      '16',
      '--feed-forward',
      '32',
      '--layers',
      '1',
      '--epochs',
      '4',
      '--learning-rate',
      '0.002',
    ]
    const output = ['--output-dir', join(folder.path, 'model'), '--tracking', 'none']
    const { history } = await trainerJson<TrainOutput>(['patchtst', ...files, ...small, ...output])
    const losses = history.map(({ trainLoss }) => trainLoss)
    expect(losses).toHaveLength(4)
    expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0))
    expect(history.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true)
  })
})
