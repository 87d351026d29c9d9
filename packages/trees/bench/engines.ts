import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Who can train a case. */
export const ENGINES = ['breakwater', 'lightgbm', 'lightgbm-quantised', 'scikit-learn', 'xgboost'] as const

/** One of {@link ENGINES}. */
export type Engine = (typeof ENGINES)[number]

const lineSchema = z.object({
  engine: z.enum(ENGINES),
  version: z.string(),
  heads: z.number(),
  /** Seconds. */
  wall: z.number(),
  /** Seconds of processor time of all threads. */
  cpu: z.number(),
  /** On the test rows, the mean over the logistic heads; null without any. */
  auc: z.number().nullable(),
  /** The same over the squared heads. */
  r2: z.number().nullable(),
  /** Highest memory while training, in MiB, and how much that is above what was held before; null where unknown. */
  peakMiB: z.number().nullable(),
  increaseMiB: z.number().nullable(),
})

/** What one training took and reached. */
export type Run = z.infer<typeof lineSchema>

/** What to train. */
export interface Job {
  /** Folder of the case. */
  readonly folder: string
  readonly heads: number
  readonly threads: number
  readonly rounds: number
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The engines that this machine can run: all with Python (BREAKWATER_PYTHON, set by tools/bench), else only ours. */
export function availableEngines(): readonly Engine[] {
  return (process.env['BREAKWATER_PYTHON'] ?? '') === '' ? ['breakwater'] : ENGINES
}

/** Trains in a process of its own. Throws with the end of its stderr when it fails. */
export function runEngine(engine: Engine, { folder, heads, threads, rounds }: Job): Run {
  const numbers = [heads, threads, rounds].map(String)
  const [command, args] =
    engine === 'breakwater'
      ? [process.execPath, ['--conditions=@breakwater/source', '--expose-gc', here('ours.ts'), folder, ...numbers]]
      : [process.env['BREAKWATER_PYTHON'] ?? 'python3', [here('peers.py'), folder, engine, ...numbers]]
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (child.status !== 0) {
    throw new Error(`bench: ${engine} ended with ${child.status ?? child.signal}\n${child.stderr.slice(-2000)}`)
  }
  return lineSchema.parse(JSON.parse(child.stdout.trim().split('\n').at(-1) ?? ''))
}

/** The runs' middle one by processor time. */
export function medianRun(runs: readonly Run[]): Run {
  const middle = runs.toSorted((a, b) => a.cpu - b.cpu)[runs.length >> 1]
  if (middle === undefined) throw new Error('bench: no run to take the median of')
  return middle
}

/**
 * Refuses engines that do not answer alike: AUC or R2 further than 0.03 from the best one's. Times of different work do
 * not compare.
 */
export function checkAgreement(runs: readonly Run[]): void {
  for (const score of ['auc', 'r2'] as const) {
    const best = Math.max(...runs.map((run) => run[score] ?? -Infinity))
    for (const run of runs) {
      const value = run[score]
      if (value !== null && !(value >= best - 0.03)) {
        throw new Error(
          `bench: ${run.engine}: ${score} ${value.toFixed(4)} is no answer where the best is ${best.toFixed(4)}`,
        )
      }
    }
  }
}
