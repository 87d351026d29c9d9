import { basename, join } from 'node:path'
import type { FitPlan, PlannedSet, TrainingDetails, TreeOptions } from '@breakwater/models'
import { flattenMetrics } from '@breakwater/tracking'
import type { TrackedRun } from '@breakwater/tracking'
import { bundleFile, metadataFile } from '@breakwater/trees/node'
import type { RunAbout } from './tracking.ts'

/** What decides a training beside its plan. */
export interface TrainingSettings {
  readonly trees: TreeOptions
  /** Inner folds of each fold whose predictions calibrators are fitted on; 0 for none. */
  readonly calibrationFolds: number
}

/** The description of the run of one trained set: options, dates, features, the data. */
export function aboutTraining(
  { trees, calibrationFolds }: TrainingSettings,
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
 * Records what came of it: for each fold, as a step, `{head}/{validation or test}/{metric}`, trees and rows of each head's own trees;
 * `{head}/served/{metric}` of what is served on the test rows of all folds, with what it saves beyond the law and beyond the base rate;
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
  await run.metrics(flattenMetrics(servedFigures(details)))
  const { stage, ablation, predictions, plan, data } = details
  const planText = `${JSON.stringify(plan, null, 2)}\n`
  await run.artifact({ name: 'plan', type: 'plan', files: [{ path: 'plan.json', text: planText }] })
  const served = details.heads
    .filter(({ folds }) => folds.at(-1)?.status === 'trained')
    .map(({ name }) => bundleFile(name, stage, ablation))
  const files = [...served, basename(predictions.file), metadataFile(stage, ablation)]
  await run.artifact({
    name: 'bundle',
    type: 'model',
    files: files.map((path) => ({ path, file: join(version, path) })),
    metadata: { stage, ablation, dataset_hash: data.hash },
    registerAs: `boosted_trees-${stage}-${ablation}`,
  })
}

/** Figures of what is served by head; without a law, or a base rate, there is nothing beyond it. */
function servedFigures({ tested = [] }: TrainingDetails): Readonly<Record<string, unknown>> {
  const figures = tested.map(({ name, rows, served: { brier, logLoss, smoothEce }, law, baseLogLoss = null }) => {
    const beyond_law = law === null ? null : law.logLoss - logLoss
    const beyond_base = baseLogLoss === null ? null : baseLogLoss - logLoss
    return [
      name,
      { served: { rows, brier, log_loss: logLoss, smooth_ece: smoothEce, beyond_law, beyond_base } },
    ] as const
  })
  return Object.fromEntries(figures)
}
