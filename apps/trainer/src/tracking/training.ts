import { basename, join } from 'node:path'
import { type Evaluation, trainingHeadlines, trainingTable } from '@breakwater/evaluation'
import { ANCHORS, PRIMARY_ANCHOR } from '@breakwater/features'
import { encodeModel } from '@breakwater/formats'
import {
  type ExportedSet,
  type FitPlan,
  type MixKind,
  type PlannedSet,
  setGraph,
  type TrainingDetails,
  type TreeOptions,
} from '@breakwater/models'
import { loadLaw } from '@breakwater/models/node'
import { type ArtifactFile, mlflowOnnxFiles, recordTable } from '@breakwater/tracking'
import type { TrackedRun } from '@breakwater/tracking'
import type { Bundle } from '@breakwater/trees'
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
  /** The models of the last fold, by head. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Path of the folder that holds its files and no others. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly time: number
}

/**
 * Records the headlines, those of a fold as a step; as the table `metrics` every figure of every head and fold; the split plan; the bundles
 * with their metadata and predictions, as the next version of the set's registered model. The bundles are a model of MLflow too: one
 * ONNX graph from raw columns to what is served at the primary anchor, or at the first that was trained.
 */
export async function recordTraining(run: TrackedRun, { details, bundles, version, time }: RecordedSet): Promise<void> {
  const headlines = trainingHeadlines(details)
  for (const { fold, metrics } of headlines.folds) await run.metrics(metrics, fold)
  await run.metrics(headlines.all)
  await recordTable(run, { name: 'metrics', ...trainingTable(details) })
  const { stage, ablation, predictions, plan, data, final } = details
  const law = details.law?.sha256 == null ? null : await loadLaw(version, { stage, ablation }, details.law.sha256)
  const planText = `${JSON.stringify(plan, null, 2)}\n`
  await run.artifact({ name: 'plan', type: 'plan', files: [{ path: 'plan.json', text: planText }] })
  const trained = final?.heads ?? details.heads.filter(({ folds }) => folds.at(-1)?.status === 'trained')
  const served = trained.map(({ name }) => bundleFile(name, stage, ablation))
  const files = [...served, basename(predictions.file), metadataFile(stage, ablation)]
  await run.artifact({
    name: BUNDLE,
    type: 'model',
    files: [
      ...files.map((path) => ({ path, file: join(version, path) })),
      ...modelFiles({ details, bundles, law }, { id: run.id, time }),
    ],
    metadata: { stage, ablation, dataset_hash: data.hash },
    registerAs: `boosted_trees-${stage}-${ablation}`,
  })
}

/** Records what `evaluate` says of the set: its page, and the figures that it shows. */
export async function recordReport(
  run: TrackedRun,
  { evaluation, page }: { readonly evaluation: Evaluation; readonly page: string },
): Promise<void> {
  const files = [
    { path: 'evaluation.json', text: `${JSON.stringify(evaluation, null, 2)}\n` },
    { path: 'evaluation.html', text: page },
  ]
  await run.artifact({ name: 'report', type: 'report', files })
}

const BUNDLE = 'bundle'

/** The graph of the primary anchor, or of the first that was trained, as a model of MLflow; none where no head was. */
function modelFiles(set: ExportedSet, { id, time }: { readonly id: string; readonly time: number }): ArtifactFile[] {
  const anchors = new Set([...set.bundles.values()].map(({ description }) => description.anchor))
  const anchor = ANCHORS.toSorted((a) => (a === PRIMARY_ANCHOR ? -1 : 0)).find((each) => anchors.has(each))
  if (anchor === undefined) return []
  const { model, inputs, heads } = setGraph(set, anchor)
  const graph = 'model.onnx'
  const about = mlflowOnnxFiles({
    graph,
    inputs: inputs.map(({ name, kind }) => ({ name, type: kind === 'number' ? 'double' : 'string' })),
    outputs: heads.map(({ output }) => ({ name: output, type: 'double' })),
    artifact: BUNDLE,
    id,
    time,
  })
  return [{ path: graph, bytes: encodeModel(model) }, ...about]
}
