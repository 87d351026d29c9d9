import type { IndexEvaluation } from '@breakwater/evaluation'
import type { IndexOptions, Signals } from '@breakwater/models'
import type { IndexOnDisk, TrainedSet } from '@breakwater/models/node'
import { flattenMetrics, recordTable } from '@breakwater/tracking'
import type { TrackedRun } from '@breakwater/tracking'
import { absolute } from '../paths.ts'
import type { RunAbout } from './tracking.ts'

/** One index, as its run names it. */
export interface IndexingSettings extends IndexOptions {
  /** Numbers of neighbours to evaluate. */
  readonly ks: readonly number[]
  readonly seed: number
  /** Sessions in the index. */
  readonly dates: readonly string[]
}

/** The description of an index run. */
export function aboutIndex(
  { anchor, k, episodeCap, ks, seed, dates }: IndexingSettings,
  { details }: TrainedSet,
  signals: Signals,
): RunAbout {
  const { stage, ablation, data } = details
  return {
    job: 'retrieval',
    stage,
    ablation,
    schemaVersion: data.schemaVersion,
    datasetHash: signals.hash,
    dates,
    dataset: {
      name: 'signals',
      digest: signals.hash,
      context: 'training',
      source: signals.files.join(', '),
      rows: signals.table.rows,
    },
    settings: { anchor, k, episodeCap, evaluatedK: ks, seed, train_dates: dates },
  }
}

/**
 * Records normalisation and features, at step k the headlines `{question}/...`, every figure as the table `metrics`, and the index with its
 * description.
 */
export async function recordIndex(
  run: TrackedRun,
  cwd: string,
  { index, json, record }: IndexOnDisk<IndexEvaluation>,
): Promise<void> {
  const { evaluation, features, dropped } = record
  const left = new Set(dropped.map(({ name }) => name))
  await run.params({
    normalisation: 'standard scores of the training rows, their medians for missing values',
    columns: features.length,
    columns_dropped: dropped.length,
  })
  for (const k of [...new Set(evaluation.scores.map((score) => score.k))].toSorted((a, b) => a - b)) {
    const scores = evaluation.scores.filter((score) => score.k === k)
    const figures = scores.map(({ question, rows, brier, brier_skill }) => {
      const { neighbours, served } = brier
      const skill = { base: brier_skill.base.estimate, served: brier_skill.served.estimate }
      return [question, { rows, brier: { neighbours, served }, brier_skill: skill }] as const
    })
    await run.metrics(flattenMetrics(Object.fromEntries(figures)), k)
  }
  const all = evaluation.scores.flatMap(({ question, k, ...score }) =>
    Object.entries(flattenMetrics(score)).map(([figure, value]) => [question, k, figure, value]),
  )
  await recordTable(run, { name: 'metrics', columns: ['question', 'k', 'figure', 'value'], rows: all })
  await run.artifact({
    name: 'features',
    type: 'features',
    files: [{ path: 'features.txt', text: `${features.filter((name) => !left.has(name)).join('\n')}\n` }],
  })
  const files = [index, json].map((path) => ({ path: path.split(/[\\/]/).at(-1) ?? path, file: absolute(cwd, path) }))
  await run.artifact({ name: 'index', type: 'index', files, metadata: { k: record.kNeighbors, rows: record.rows } })
}
