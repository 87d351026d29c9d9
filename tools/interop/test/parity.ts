import { runPython, scratchFolder } from '@breakwater/interop'
import type { ScratchFolder } from '@breakwater/interop'
import { predict, trainBoosted } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { z } from 'zod'
import type { DataSet } from './data-sets.ts'

/** Training that every engine does alike. */
export interface Settings {
  readonly rounds: number
  readonly learningRate: number
  /** One random split of the rows, 80% to train and 20% to test, and the seed of sampling, for each. */
  readonly seeds: readonly number[]
  /** Share of rows and of columns that a tree sees. */
  readonly sampling: number
}

const line = z.object({
  seed: z.number(),
  engine: z.enum(['ours', 'lightgbm', 'scikit-learn']),
  auc: z.number().optional(),
  log_loss: z.number().optional(),
  rmse: z.number().optional(),
  r2: z.number().optional(),
})

/** One engine's metrics on the test rows, each the mean over the seeds. */
export interface Score {
  readonly engine: z.infer<typeof line>['engine']
  /** auc and log_loss, or rmse and r2. */
  readonly means: Readonly<Record<string, number>>
}

/** The hyper-parameters that are the same in every comparison. LightGBM's least hessian of a leaf is 0.001. */
const COMMON = { maxDepth: 6, maxBins: 255, l2: 1, minRowsPerLeaf: 20, minChildWeight: 0.001 }

/**
 * Trains our engine, LightGBM and scikit-learn (without sampling only) on the same rows of a data set with the same
 * hyper-parameters, for every seed. The metrics are scikit-learn's, on the rows tested.
 */
export async function compareEngines(data: DataSet, settings: Settings): Promise<Score[]> {
  const folder = scratchFolder()
  try {
    await writeCase(folder, data, settings)
    const lines = await runPython(line, new URL('parity.py', import.meta.url), [folder.path])
    const engines = new Set(lines.map(({ engine }) => engine))
    return [...engines].map((engine) => ({ engine, means: meansOf(lines.filter((row) => row.engine === engine)) }))
  } finally {
    folder.remove()
  }
}

async function writeCase(folder: ScratchFolder, data: DataSet, settings: Settings): Promise<void> {
  const { matrix, labels, objective } = data
  const { rounds, learningRate, seeds, sampling } = settings
  const common = { depth: COMMON.maxDepth, bins: COMMON.maxBins, l2: COMMON.l2, rows_per_leaf: COMMON.minRowsPerLeaf }
  folder.writeJson('plan', { objective, seeds, rounds, sampling, learning_rate: learningRate, ...common })
  folder.writeArray('values', { values: matrix.values, shape: [matrix.rows, matrix.columns.length] })
  folder.writeArray('labels', { values: labels })
  for (const seed of seeds) {
    const random = xoroshiro128plus(seed)
    const train = Uint8Array.from(labels, () => (uniformFloat64(random) < 0.8 ? 1 : 0))
    const sampled = { rowSampling: sampling, columnSampling: sampling, seed }
    const options = { objective, train, rounds, learningRate, ...COMMON, ...sampled }
    const head = await trainBoosted(matrix, labels, options)
    if (head.status === 'skipped') throw new Error(`interop: ${data.name}: ${head.reason}`)
    folder.writeArray(`train_${seed}`, { values: train })
    folder.writeArray(`ours_${seed}`, { values: predict(head.model, matrix) })
  }
}

function meansOf(rows: readonly z.infer<typeof line>[]): Record<string, number> {
  const metrics = (['auc', 'log_loss', 'rmse', 'r2'] as const).filter((metric) => rows[0]?.[metric] !== undefined)
  return Object.fromEntries(
    metrics.map((metric) => [metric, rows.reduce((sum, row) => sum + (row[metric] ?? Number.NaN), 0) / rows.length]),
  )
}

/** How far behind a peer our mean may be: AUC and R2 by a difference, log loss and RMSE by a share. */
const LIMITS: Readonly<Record<string, (ours: number, peer: number) => boolean>> = {
  auc: (ours, peer) => ours >= peer - 0.003,
  log_loss: (ours, peer) => ours <= peer * 1.01,
  rmse: (ours, peer) => ours <= peer * 1.01,
  r2: (ours, peer) => ours >= peer - 0.01,
}

/** Every metric in which we are further behind a peer than allowed, as a sentence; none where we keep up. */
export function shortfalls(scores: readonly Score[]): string[] {
  const ours = scores.find(({ engine }) => engine === 'ours')?.means ?? {}
  const peers = scores.filter(({ engine }) => engine !== 'ours')
  if (peers.length === 0) return ['there is no peer to compare with']
  return peers.flatMap(({ engine, means }) =>
    Object.entries(means)
      .filter(([metric, value]) => !(LIMITS[metric]?.(ours[metric] ?? Number.NaN, value) ?? false))
      .map(([metric, value]) => `${metric} ${ours[metric]?.toFixed(4)}, ${engine} ${value.toFixed(4)}`),
  )
}
