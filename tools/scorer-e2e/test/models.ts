import { existsSync, mkdtempSync, rmSync } from 'node:fs'
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

/**
 * Simulates sessions, trains both stages and indexes them, once for all test files. BREAKWATER_SCORER_MODELS names a folder to keep
 * them in, and to find them in the next time.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const kept = process.env['BREAKWATER_SCORER_MODELS'] ?? ''
  const folder = kept === '' ? mkdtempSync(join(tmpdir(), 'breakwater-scorer-')) : kept
  // Written last.
  if (!existsSync(join(folder, 'other_models', 'metadata_stage_a_full.json'))) await makeModels(folder)
  project.provide('models', folder)
  return () => {
    if (kept === '') rmSync(folder, { recursive: true, force: true })
  }
}

async function makeModels(folder: string): Promise<void> {
  const signals = ['--data-path', join(folder, 'signals.parquet')]
  await succeed(TRAINER, ['demo', '--sessions', '12', '--seed', '5', '--output-dir', folder, '--quiet'])
  for (const stage of ['stage_a', 'stage_b']) {
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--output-dir', folder]
    const neighbours = ['--k-neighbors', '20', '--evaluate-k', '20']
    const args = ['index', '--stage', stage, '--ablation', 'full', ...neighbours, ...signals, ...models, '--quiet']
    await succeed(TRAINER, args)
  }
  const few = ['--folds', '1', '--rounds', '5', '--horizons', '60', '--anchors', '4min', '--calibration-folds', '0']
  const other = ['--stage', 'stage_a', '--output-dir', join(folder, 'other_models'), '--seed', '11']
  await succeed(TRAINER, ['train', ...other, ...few, ...signals, '--quiet'])
}
