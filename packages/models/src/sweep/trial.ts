import type { Ablation, Stage } from '@breakwater/features'
import { stringsOf } from '@breakwater/features'
import { trainHeads } from '@breakwater/trees'
import type { Fold } from '@breakwater/splits'
import { labelSeconds, plannedSet, type TreeOptions } from '../fit/fit-set.ts'
import { trainFold, type TrainedFold } from '../fit/fold.ts'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { checkMonotone } from '../fit/monotone.ts'
import { splitRows } from '../fit/plan.ts'
import { dataHash } from '../jobs/data.ts'
import type { JobsOptions } from '../jobs/run-jobs.ts'
import type { FoldJobs } from '../jobs/fold-jobs.ts'
import { rowsOf } from '../rows.ts'
import type { Signals } from '../signals.ts'
import type { SweepConfig } from './config.ts'
import { type SweepQuestion, sweptTarget, trialPlan } from './question.ts'

/** One trial of a sweep: its signals, its options, and the question that all trials answer. */
export interface TrialRequest {
  readonly signals: Signals
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
  readonly config: Pick<SweepConfig, 'metric' | 'anchors' | 'horizons'>
  readonly question: SweepQuestion
  /** Default `trainHeads`, on this thread. */
  readonly train?: HeadTrainer
  /** Gives folds that were trained before, as jobs; by default they are trained here. */
  readonly trained?: ((fold: Fold) => Promise<TrainedFold>) | undefined
  /** Inner folds to train, the first of the question's; default all. Rows of the others are NaN. */
  readonly folds?: number | undefined
  readonly signal?: AbortSignal
  /** Called with the share of the work that is done, in [0, 1]. */
  readonly onProgress?: (done: number, fold: number) => void
}

/** The jobs of a trial: what they have in common, and its inner folds. */
export function trialJobs(
  { signals, stage, ablation, trees, question, config }: TrialRequest,
  { program }: Pick<JobsOptions, 'program'>,
): { readonly common: FoldJobs; readonly folds: readonly Fold[] } {
  const target = sweptTarget(signals, config)
  const { groups } = plannedSet(signals.schema, stage, ablation, [target])
  checkMonotone(groups, trees.monotone)
  const ends = labelSeconds(signals, [target])
  const common: FoldJobs = {
    signals,
    data: dataHash({ signals }),
    program,
    stage,
    ablation,
    trees,
    targets: [target],
    groups,
    labelSeconds: ends,
  }
  return { common, folds: trialPlan(question, splitRows(signals.table, ends)).folds }
}

/**
 * Trains the swept head on every inner fold of the question and returns its forecasts of the scored rows, one for each of
 * `question.events`. Sessions of the outer block are not read. Throws where a fold does not train: it would be scored on
 * fewer rows than the other trials.
 */
export async function runTrial(request: TrialRequest): Promise<Float64Array> {
  const { signals, stage, ablation, trees, question, train = trainHeads, signal, onProgress } = request
  const target = sweptTarget(signals, request.config)
  const { groups } = plannedSet(signals.schema, stage, ablation, [target])
  checkMonotone(groups, trees.monotone)
  const rows = splitRows(signals.table, labelSeconds(signals, [target]))
  const folds = trialPlan(question, rows).folds.slice(0, request.folds)
  const ids = stringsOf(signals.table, 'event_id')
  const byEvent = new Map<string, number>()
  for (const [done, fold] of folds.entries()) {
    const { outcomes, predictions, test } = await (request.trained?.(fold) ??
      trainFold({
        signals: { ...signals, bars: undefined },
        rows,
        fold,
        groups,
        train,
        options: { ...trees, ...(signal === undefined ? {} : { signal }) },
        isPublished: false,
        onHead: (_head, _name, round, rounds) => onProgress?.((done + round / rounds) / folds.length, done),
      }))
    const [outcome] = outcomes
    if (outcome?.status !== 'trained') {
      throw new Error(
        `models: ${target.name} was not trained in inner fold ${done + 1} of ${folds.length}: ${outcome?.reason ?? 'no head'}. Ask for fewer folds.`,
      )
    }
    const values = predictions.get(target.name) as Float64Array
    for (const row of rowsOf(test)) byEvent.set(ids[row] as string, values[row] as number)
  }
  return Float64Array.from(question.events, (id) => byEvent.get(id) ?? Number.NaN)
}
