import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { succeed, TRAINER } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with bars, physics, signals, models of both stages, their indexes, and `other_models` of stage A alone. */
    readonly models: string
  }
}

/** Simulates sessions, trains both stages and indexes them, once for all test files. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-scorer-'))
  const signals = ['--data-path', join(folder, 'signals.parquet')]
  await succeed(TRAINER, ['demo', '--sessions', '12', '--seed', '5', '--output-dir', folder, '--quiet'])
  for (const stage of ['stage_a', 'stage_b']) {
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--output-dir', folder]
    const neighbours = ['--k-neighbors', '20', '--evaluate-k', '20']
    await succeed(TRAINER, [
      'index',
      '--stage',
      stage,
      '--ablation',
      'full',
      ...neighbours,
      ...signals,
      ...models,
      '--quiet',
    ])
  }
  const few = ['--folds', '1', '--rounds', '5', '--horizons', '60', '--anchors', '4min', '--calibration-folds', '0']
  const other = ['--stage', 'stage_a', '--output-dir', join(folder, 'other_models'), '--seed', '11']
  await succeed(TRAINER, ['train', ...other, ...few, ...signals, '--quiet'])
  project.provide('models', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
