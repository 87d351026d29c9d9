import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Who can train a case. */
export const ENGINES = [
  'breakwater',
  'breakwater-rounded',
  'lightgbm',
  'lightgbm-quantised',
  'scikit-learn',
  'xgboost',
] as const

/** Those that are this tree: with exact gradients, and with gradients rounded to four levels. */
export const OURS = ['breakwater', 'breakwater-rounded'] as const satisfies readonly (typeof ENGINES)[number][]

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
  /** On the test rows, for each head: AUC where it is logistic, R2 where it is squared. */
  scores: z.array(z.object({ metric: z.enum(['auc', 'r2']), value: z.number() })),
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
  return (process.env['BREAKWATER_PYTHON'] ?? '') === '' ? OURS : ENGINES
}

/** Trains in a process of its own. Throws with the end of its stderr when it fails. */
export function runEngine(engine: Engine, { folder, heads, threads, rounds }: Job): Run {
  const numbers = [heads, threads, rounds].map(String)
  const [command, args] =
    engine === 'breakwater' || engine === 'breakwater-rounded'
      ? [
          process.execPath,
          ['--conditions=@breakwater/source', '--expose-gc', here('ours.ts'), folder, engine, ...numbers],
        ]
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

/** The mean AUC or R2 of a run's first `heads` heads; null where there is none of that kind. */
export function meanScore(run: Run, metric: 'auc' | 'r2', heads: number): number | null {
  const values = run.scores.slice(0, heads).flatMap((score) => (score.metric === metric ? [score.value] : []))
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Refuses engines that do not answer alike on the heads that all of them trained: AUC or R2 further than 0.03 from the
 * best one's. Times of different work do not compare.
 */
export function checkAgreement(runs: readonly Run[]): void {
  const heads = Math.min(...runs.map((run) => run.heads))
  for (const metric of ['auc', 'r2'] as const) {
    const best = Math.max(...runs.map((run) => meanScore(run, metric, heads) ?? -Infinity))
    for (const run of runs) {
      const value = meanScore(run, metric, heads)
      if (value === null || value >= best - 0.03) continue
      const values = `${metric} ${value.toFixed(4)} where the best is ${best.toFixed(4)}`
      throw new Error(`bench: ${run.engine} gives another answer than the others: ${values}`)
    }
  }
}
