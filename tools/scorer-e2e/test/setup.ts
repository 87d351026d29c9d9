import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { makeModels } from './make-models.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with bars, physics, signals, models of both stages, their indexes, and `other_models` of stage A alone. */
    readonly models: string
  }
}

/**
 * Simulates sessions, trains both stages and indexes them, once for all test files. BREAKWATER_SCORER_MODELS names a
 * folder to keep them in, and to find them in the next time.
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
