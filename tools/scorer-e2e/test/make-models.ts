import { join } from 'node:path'
import { succeed, TRAINER } from './run.ts'

/**
 * Simulates sessions into `folder`, trains both stages and indexes them, and trains a small `other_models` of stage A. Of fewer than some twenty
 * sessions a law does not say how sure it is.
 */
export async function makeModels(folder: string, sessions = 12): Promise<void> {
  const signals = ['--data-path', join(folder, 'signals.parquet')]
  await succeed(TRAINER, [
    'demo',
    '--sessions',
    String(sessions),
    '--seed',
    '5',
    '--threads',
    '1',
    '--output-dir',
    folder,
    '--quiet',
  ])
  for (const stage of ['stage_a', 'stage_b']) {
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--output-dir', folder]
    const neighbours = ['--k-neighbors', '20', '--evaluate-k', '20']
    const args = ['index', '--stage', stage, '--ablation', 'full', ...neighbours, ...signals, ...models, '--quiet']
    await succeed(TRAINER, args)
  }
  const few = [
    '--folds',
    '1',
    '--rounds',
    '5',
    '--horizons',
    '60',
    '--anchors',
    '4min',
    '--calibration-folds',
    '0',
    '--threads',
    '1',
  ]
  const other = ['--stage', 'stage_a', '--output-dir', join(folder, 'other_models'), '--seed', '11']
  await succeed(TRAINER, ['train', ...other, ...few, ...signals, '--quiet'])
}
