import { basename, join } from 'node:path'
import type { FitPlan, MixKind, PlannedSet, TrainingDetails, TreeOptions } from '@breakwater/models'
import { flattenMetrics } from '@breakwater/tracking'
import type { TrackedRun } from '@breakwater/tracking'
import { bundleFile, metadataFile } from '@breakwater/trees/node'
import type { RunAbout } from './tracking.ts'

/** What decides a training beside its plan. */
export interface TrainingSettings {
  readonly trees: TreeOptions
  /** Inner folds of each fold whose predictions calibrators are fitted on; 0 for none. */
  readonly calibrationFolds: number
  /** Whether the served models are fitted on all sessions, with what the folds chose. */
  readonly final: boolean
  /** How neighbours and gate enter what is served; undefined where it is left to whoever serves. */
  readonly mix?: MixKind | undefined
}

/** The description of the run of one trained set: options, dates, features, the data. */
export function aboutTraining(
  { trees, calibrationFolds, final, mix }: TrainingSettings,
  { signals, plan, stage }: FitPlan,
  { ablation, groups }: PlannedSet,
): RunAbout {
  const last = plan.folds.at(-1)
  return {
    job: 'boosted_trees',
    stage,
    ablation,
    schemaVersion: signals.schema.version,
    datasetHash: signals.hash,
    dates: signals.dates,
    dataset: {
      name: 'signals',
      digest: signals.hash,
      context: 'training',
      source: signals.files.join(', '),
      rows: signals.table.rows,
    },
    settings: {
      ...trees,
      calibrationFolds,
      final,
      mix: mix ?? 'none',
      thresholds: signals.thresholds,
      lookforwardSeconds: signals.lookforwardSeconds,
      plan: plan.kind,
      folds: plan.folds.length,
      train_dates: last?.train,
      val_dates: last?.validation,
      calibration_dates: last?.calibration,
      test_dates: last?.test,
      outer_dates: plan.outer,
      heads: groups.flatMap(({ targets }) => targets.map(({ name }) => name)),
      features: [...new Set(groups.flatMap(({ features }) => features.map(({ name }) => name)))],
    },
  }
}

/** A written set, as it is recorded. */
export interface RecordedSet {
  readonly details: TrainingDetails
  /** Path of the folder that holds its files and no others. */
  readonly version: string
}

/**
 * Records what came of it: for each fold, as a step, `{head}/{validation or test}/{metric}`, trees and rows of each head;
 * the split plan; the bundles with their metadata and predictions, as the next version of the set's registered model.
 */
export async function recordTraining(run: TrackedRun, { details, version }: RecordedSet): Promise<void> {
  for (const { index } of details.plan.folds) {
    const heads = details.heads.flatMap(({ name, folds }) =>
      folds
        .filter(({ fold, status }) => fold === index && status === 'trained')
        .map(({ metrics: { validation, test }, trees, trainRows }) => {
          return [name, { validation, test, trees, train_rows: trainRows }] as const
        }),
    )
    await run.metrics(flattenMetrics(Object.fromEntries(heads)), index)
  }
  const { stage, ablation, predictions, plan, data, final } = details
  const planText = `${JSON.stringify(plan, null, 2)}\n`
  await run.artifact({ name: 'plan', type: 'plan', files: [{ path: 'plan.json', text: planText }] })
  const trained = final?.heads ?? details.heads.filter(({ folds }) => folds.at(-1)?.status === 'trained')
  const served = trained.map(({ name }) => bundleFile(name, stage, ablation))
  const files = [...served, basename(predictions.file), metadataFile(stage, ablation)]
  await run.artifact({
    name: 'bundle',
    type: 'model',
    files: files.map((path) => ({ path, file: join(version, path) })),
    metadata: { stage, ablation, dataset_hash: data.hash },
    registerAs: `boosted_trees-${stage}-${ablation}`,
  })
}
