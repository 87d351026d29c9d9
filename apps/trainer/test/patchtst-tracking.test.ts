import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryTracker, recordSettings } from '@breakwater/tracking'
import { afterAll, expect, test } from 'vitest'
import { readInput } from '../src/patchtst/files.ts'
import { trainOnSequences } from '../src/patchtst/train.ts'
import { aboutPatchTst, followEpochs, recordPatchTst } from '../src/tracking/patchtst.ts'
import { SMALL_TRAINING, writeDay } from './sequence-files.ts'
import { silent, testContext } from './test-context.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-tracking-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a PatchTST training is recorded: settings, sessions, every epoch as a step, scores and the model files', async () => {
  for (const [i, date] of ['2025-12-08', '2025-12-09', '2025-12-10'].entries()) {
    await writeDay(folder, { date, seed: i + 1 })
  }
  const context = testContext(folder)
  const input = await readInput(context, SMALL_TRAINING)
  const about = aboutPatchTst(SMALL_TRAINING, input)
  expect(about).toMatchObject({
    job: 'patchtst',
    ablation: 'bars_and_statics',
    dates: ['2025-12-08', '2025-12-09', '2025-12-10'],
    dataset: { name: 'sequences', context: 'training', rows: 48 },
  })
  expect(about.datasetHash).toMatch(/^[0-9a-f]{64}$/)
  const tracker = memoryTracker()
  const run = await tracker.start({ id: '0'.repeat(32), name: 'run', job: 'patchtst', tags: {} })
  await recordSettings(run, about.settings)
  const follow = followEpochs(run)
  const saved = await trainOnSequences(context, silent, SMALL_TRAINING, input, follow)
  await follow.settled()
  await recordPatchTst(run, saved, context.clock())
  await run.end('finished')
  const [recorded] = tracker.runs()
  expect(recorded?.params).toMatchObject({
    width: 8,
    epochs: 4,
    train_dates: '2025-12-08,2025-12-09',
    channels: 'close,volume',
  })
  const losses = recorded?.metrics.filter(({ key }) => key === 'train_loss').map(({ step, value }) => [step, value])
  expect(losses).toEqual(saved.details.history.map(({ epoch, trainLoss }) => [epoch, trainLoss]))
  const keys = new Set(recorded?.metrics.map(({ key }) => key))
  expect(keys).toContain('best/direction/brier')
  expect(keys.size).toBeGreaterThanOrEqual(10)
  expect(keys.size).toBeLessThanOrEqual(20)
  expect(recorded?.artifacts.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
    [
      'model',
      [
        'patchtst.onnx',
        'patchtst.safetensors',
        'patchtst.json',
        'MLmodel',
        'requirements.txt',
        'python_env.yaml',
        'conda.yaml',
      ],
    ],
  ])
})
